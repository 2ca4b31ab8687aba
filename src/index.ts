import './fluent.ts';

export * from './autograd/index.ts';
export { type Backend, type BackendName, type BackendOptions, backendInUse, useBackend } from './kernels/index.ts';
export * from './nn/index.ts';
export * from './ops/index.ts';
export * from './tensor/index.ts';
