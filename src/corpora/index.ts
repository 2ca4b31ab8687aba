export * from './constructedLanguage.ts';
export * from './stories.ts';
