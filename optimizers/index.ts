// Made by `npm run barrels`: one line for each file of this folder.
export * from './adam.ts';
export * from './adamW.ts';
export * from './combine.ts';
export * from './ema.ts';
export * from './groups.ts';
export * from './layerDecay.ts';
export * from './lion.ts';
export * from './muon.ts';
export * from './newtonSchulz.ts';
export * from './optimizer.ts';
export * from './parameterGroups.ts';
export * from './schedules.ts';
export * from './sgd.ts';
export * from './splitMatrices.ts';
export * from './state.ts';
