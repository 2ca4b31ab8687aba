// Made by `npm run barrels`: one line for each file of this folder.
export * from './elu.ts';
export * from './geglu.ts';
export * from './gelu.ts';
export * from './glu.ts';
export * from './hardswish.ts';
export * from './leakyRelu.ts';
export * from './mish.ts';
export * from './prelu.ts';
export * from './relu.ts';
export * from './sigmoid.ts';
export * from './silu.ts';
export * from './softplus.ts';
export * from './squaredRelu.ts';
export * from './stochasticGelu.ts';
export * from './swiglu.ts';
export * from './tanh.ts';
