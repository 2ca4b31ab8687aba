// Made by `npm run barrels`: one line for each file of this folder.
export * from './adamW.ts';
export * from './attention.ts';
export * from './blend.ts';
export * from './crossEntropy.ts';
export * from './depthwiseConv.ts';
export * from './dropout.ts';
export * from './elementwise.ts';
export * from './layerNorm.ts';
export * from './lion.ts';
export * from './lstm.ts';
export * from './matmul.ts';
export * from './reduce.ts';
export * from './rmsNorm.ts';
export * from './rotate.ts';
export * from './rows.ts';
export * from './softmax.ts';
