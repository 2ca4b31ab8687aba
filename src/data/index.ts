export * from './answerBatches.ts';
export * from './augment.ts';
export * from './csvImages.ts';
export type { DocumentStarts } from './documentStarts.ts';
export * from './framedPairs.ts';
export * from './images.ts';
export * from './maskTokens.ts';
export * from './melSpectrogram.ts';
export * from './mixup.ts';
export * from './padding.ts';
export * from './pairsFile.ts';
export * from './promptAnswers.ts';
export * from './promptAnswersFile.ts';
export { type ShuffledOptions, shuffledBatch } from './shuffledBatch.ts';
export * from './text.ts';
export { readTokenHeader, type ShardEntry, type TokenHeader } from './tokenHeader.ts';
export * from './tokenShards.ts';
export {
  type Batch,
  type BatchOptions,
  randomBatch,
  type ScoredBatch,
  split,
  type Tokens,
  type WindowOptions,
  windows,
} from './tokens.ts';
export * from './tokenWriter.ts';
