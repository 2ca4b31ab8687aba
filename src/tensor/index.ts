export * from './create.ts';
export * from './errors.ts';
export * from './pool.ts';
export * from './random.ts';
export * from './shape.ts';
export * from './storage.ts';
export * from './tensor.ts';
