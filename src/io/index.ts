export * from './atomicFile.ts';
export * from './safetensors.ts';
