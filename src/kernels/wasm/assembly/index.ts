// Made by `npm run barrels`: one line for each file of this folder.
export * from './adamW';
export * from './attention';
export * from './attentionGrad';
export * from './copy';
export * from './crossEntropy';
export * from './depthwiseConv';
export * from './elementwise';
export * from './formulas/index';
export * from './layerNorm';
export * from './lstm';
export * from './matmul';
export * from './reduce';
export * from './rmsNorm';
export * from './rotate';
export * from './rows';
export * from './softmax';
