export * from './constructedLanguage.ts';
export * from './maskTokens.ts';
export * from './padding.ts';
export * from './pairsFile.ts';
export * from './sentencePairs.ts';
export * from './stories.ts';
export * from './text.ts';
export * from './tokens.ts';
