// Made by `npm run barrels`: one line for each file of this folder.
export * from './gpt.ts';
export * from './lstm.ts';
export * from './transformer.ts';
