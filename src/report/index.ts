// Made by `npm run barrels`: one line for each file of this folder.
export * from './attentionMap.ts';
export * from './boxGrid.ts';
export * from './drawing.ts';
export * from './filmAttention.ts';
export * from './imageGrid.ts';
export * from './lossCurve.ts';
export * from './speechAlignment.ts';
