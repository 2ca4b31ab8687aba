export * from './char.ts';
export * from './word.ts';
