export * from './constructedLanguage.ts';
export * from './films.ts';
export * from './glyphs.ts';
export * from './scenes.ts';
export * from './speech.ts';
export * from './stories.ts';
