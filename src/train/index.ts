// Made by `npm run barrels`: one line for each file of this folder.
export * from './averagePrecision.ts';
export * from './bitsPerByte.ts';
export * from './checkpoint.ts';
export * from './clip.ts';
export * from './diverged.ts';
export * from './evaluate.ts';
export * from './trainer.ts';
