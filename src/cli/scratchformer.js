#!/usr/bin/env node
// In a clone, runs the TypeScript source as it is; in the installed package, the JavaScript built from it.
import { existsSync } from 'node:fs';

const source = new URL('./main.ts', import.meta.url);
if (existsSync(source)) {
  if (!process.features.typescript) {
    const { register } = await import('tsx/esm/api'); // Node before 22.18
    register();
  }
  await import(source.href);
} else {
  await import(new URL('../../dist/src/cli/main.js', import.meta.url).href);
}
