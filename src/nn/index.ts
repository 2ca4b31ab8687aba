// Made by `npm run barrels`: one line for each file of this folder.
export * from './module.ts';
export * from './parameter.ts';
