import { defineConfig } from 'vitest/config';

/** What computes, on whatever kernels there are: these files leave nothing behind and share a process, which is quicker. */
const computing = ['autograd', 'generation', 'models', 'nn', 'ops', 'optimizers', 'tensor', 'train'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);
/** Those among them that choose their kernels, or replace modules. */
const choosing = ['autograd/copies', 'ops/compiled', 'tensor/room'].map((file) => `test/${file}.test.ts`);

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'compute', include: computing, exclude: choosing, isolate: false } },
      { extends: true, test: { name: 'choose', include: choosing } },
      { extends: true, test: { name: 'others', include: ['test/**/*.test.ts'], exclude: computing } },
    ],
  },
});
