import { type Batch, randomBatch, shuffledBatch } from '../data/index.ts';
import { check } from '../tensor/index.ts';
import type { RunConfig } from './config.ts';
import type { Corpus } from './corpus.ts';

/** The batches of a run, one after the other, from that of a step on. */
export function batches(config: RunConfig, corpus: Corpus, startStep: number): () => Batch {
  const { train, documents } = corpus;
  const { batchSize, accumulate, order, align, seed } = config;
  const context = Math.min(config.model.context, train.length - 1);
  const isAligned = align === 'documents';
  check(
    !isAligned || documents !== undefined,
    '--align documents',
    'the data is prepared, so that it has documents',
    () => corpus.name,
    () => 'use scratchformer prepare',
  );
  check(
    !isAligned || order === 'random',
    '--align documents',
    'the order is random',
    () => `--order ${order}`,
    () => 'shuffled windows lie side by side',
  );
  if (order === 'random')
    return () => randomBatch(train, { batchSize, context, documents: isAligned ? documents : undefined });
  let index = startStep * accumulate;
  return () => shuffledBatch(train, { batchSize, context, seed, index: index++ });
}
