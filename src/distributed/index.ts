// Made by `npm run barrels`: one line for each file of this folder.
export * from './agreement.ts';
export * from './communicator.ts';
export * from './distributedTrainer.ts';
export * from './gradients.ts';
export * from './shardedOptimizer.ts';
export * from './world.ts';
