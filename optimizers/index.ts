// Made by `npm run barrels`: one line for each file of this folder.
export * from './adam.ts';
export * from './adamW.ts';
export * from './groups.ts';
export * from './optimizer.ts';
export * from './parameterGroups.ts';
export * from './schedules.ts';
export * from './sgd.ts';
export * from './state.ts';
