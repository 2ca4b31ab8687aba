// Made by `npm run barrels`: one line for each file of this folder.
export * from './activations/index.ts';
export * from './add.ts';
export * from './elementwise.ts';
export * from './erf.ts';
export * from './linear.ts';
export * from './matmul.ts';
export * from './mul.ts';
export * from './permute.ts';
export * from './reshape.ts';
export * from './sum.ts';
