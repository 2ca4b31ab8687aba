// Made by `npm run barrels`: one line for each file of this folder.
export * from './beamSearch.ts';
export * from './ctcDecoding.ts';
export * from './generate.ts';
export * from './keyValueCache.ts';
export * from './sampling.ts';
export * from './translate.ts';
