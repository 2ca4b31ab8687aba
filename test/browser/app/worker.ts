import type { BackendOptions } from 'scratchformer';
import { train } from './training.ts';

const { postMessage } = globalThis as unknown as { postMessage(data: unknown): void };
Object.assign(globalThis, {
  onmessage: ({ data }: { data: BackendOptions }) =>
    train(data).then(postMessage, (error: Error) => postMessage({ error: error.message })),
});
