import './fluent.ts';

export * from './autograd/index.ts';
export * from './nn/index.ts';
export * from './ops/index.ts';
export * from './tensor/index.ts';
