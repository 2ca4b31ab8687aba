// Made by `npm run barrels`: one line for each file of this folder.
export * from './bert.ts';
export * from './bertClassifier.ts';
export * from './bertEncoder.ts';
export * from './conformer.ts';
export * from './convBackbone.ts';
export * from './detr.ts';
export * from './detrDecoderLayer.ts';
export * from './detrLoss.ts';
export * from './detrMatching.ts';
export * from './gpt.ts';
export * from './lstm.ts';
export * from './mlpMixer.ts';
export * from './recipes.ts';
export * from './transformer.ts';
export * from './vit.ts';
