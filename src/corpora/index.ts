export * from './constructedLanguage.ts';
export * from './glyphs.ts';
export * from './stories.ts';
