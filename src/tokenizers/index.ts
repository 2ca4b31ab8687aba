export * from './char.ts';
