// Made by `npm run barrels`: one line for each file of this folder.
export * from './activation.ts';
export * from './beamSearch.ts';
export * from './containers.ts';
export * from './decoderBlock.ts';
export * from './dropout.ts';
export * from './embedding.ts';
export * from './feedForward.ts';
export * from './init.ts';
export * from './keyValueCache.ts';
export * from './layerNorm.ts';
export * from './linear.ts';
export * from './module.ts';
export * from './multiHeadAttention.ts';
export * from './parameter.ts';
export * from './prelu.ts';
export * from './sampling.ts';
export * from './transformerBlock.ts';
