export * from './framedPairs.ts';
export * from './maskTokens.ts';
export * from './padding.ts';
export * from './pairsFile.ts';
export * from './text.ts';
export * from './tokens.ts';
