import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { findBlas } from '../../src/kernels/blas/find.ts';
import { type BackendName, backendInUse, useBackend } from '../../src/kernels/index.ts';
import { noGrad } from '../../src/autograd/index.ts';
import { runScript } from '../support/runScript.ts';
import { tinyGpt } from '../support/tinyGpt.ts';

const hasBlas = typeof findBlas() !== 'string'; // CI installs one

/** What a process with these environment variables uses. */
async function chosen(env: Record<string, string>) {
  const { code, output, errors } = await runScript(
    `import { backendInUse } from 'scratchformer';
    console.log(JSON.stringify(backendInUse()));`,
    { env },
  );
  return { code, errors, ...(code === 0 ? JSON.parse(output) : {}) };
}

test.todo('x');
