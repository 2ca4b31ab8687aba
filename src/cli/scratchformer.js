#!/usr/bin/env node
// In a clone, runs the TypeScript source as it is; in the installed package, the JavaScript built from it.
import { existsSync } from 'node:fs';

const source = new URL('./main.ts', import.meta.url);
if (existsSync(source)) {
  // Both, because a user's own file may be either, by the package.json above it.
  for (const api of ['tsx/esm/api', 'tsx/cjs/api']) (await import(api)).register();
  await import(source.href);
} else {
  await import(new URL('../../dist/src/cli/main.js', import.meta.url).href);
}
