// Made by `npm run barrels`: one line for each file of this folder.
export * from './bert.ts';
export * from './bertClassifier.ts';
export * from './bertEncoder.ts';
export * from './conformer.ts';
export * from './gpt.ts';
export * from './lstm.ts';
export * from './mlpMixer.ts';
export * from './recipes.ts';
export * from './transformer.ts';
export * from './vit.ts';
