import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['scratchformer-source'] },
  ssr: { resolve: { conditions: ['scratchformer-source'] } },
  test: { include: ['test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
});
