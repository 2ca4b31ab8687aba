export * from './atomicFile.ts';
export * from './safetensors.ts';
export * from './shards.ts';
export * from './tensorFile.ts';
