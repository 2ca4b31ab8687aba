import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { findBlas } from '../../src/kernels/blas/find.ts';
import { type BackendName, type BackendOptions, backendInUse, useBackend } from '../../src/kernels/index.ts';
import { runScript } from '../support/runScript.ts';
import { tinyGpt } from '../support/tinyGpt.ts';

const hasBlas = typeof findBlas() !== 'string'; // CI installs one
const cores = Math.min(availableParallelism(), 8);

/** What a process with these environment variables says it uses, or the first line of its error. */
async function inUse(env: Record<string, string>) {
  const { code, output, errors } = await runScript(
    `import { backendInUse } from 'scratchformer';
    console.log(JSON.stringify(backendInUse()));`,
    { env },
  );
  return code === 0 ? JSON.parse(output) : errors.match(/^InvariantError: (.*)$/m)?.[1];
}

describe('the environment chooses', () => {
  test('nothing said: the fastest that is there, on all cores', async () => {
    expect(await inUse({})).toMatchObject({ name: hasBlas ? 'blas' : 'wasm', threads: cores });
  });

  test('the backend and the threads', async () => {
    expect(await inUse({ SCRATCHFORMER_BACKEND: 'js' })).toEqual({
      name: 'js',
      threads: 1,
      why: 'plain JavaScript',
    });
    const wasm = await inUse({ SCRATCHFORMER_BACKEND: 'wasm', SCRATCHFORMER_THREADS: '3' });
    expect(wasm).toMatchObject({
      name: 'wasm',
      threads: 3,
      why: expect.stringMatching(/^\w+ SIMD, 3 threads$/),
    });
  });

  test('a name that is unknown, a number that is none', async () => {
    const unknown =
      'SCRATCHFORMER_BACKEND: the backend is known. got "wams". did you mean "wasm"? known: auto, js, wasm, blas, webgpu.';
    expect(await inUse({ SCRATCHFORMER_BACKEND: 'wams' })).toBe(unknown);
    const none = 'SCRATCHFORMER_THREADS: threads is a whole number ≥ 1. got two.';
    expect(await inUse({ SCRATCHFORMER_THREADS: 'two' })).toBe(none);
  });

  test('a BLAS that is not there: an error if it was asked for, the next best if not', async () => {
    const SCRATCHFORMER_BLAS = '/nonexistent';
    const cause = 'blas: /nonexistent is no library with cblas_sgemm';
    const asked = await inUse({ SCRATCHFORMER_BLAS, SCRATCHFORMER_BACKEND: 'blas' });
    expect(asked).toBe(`useBackend: the backend blas can be used. got ${cause}.`);
    const auto = await inUse({ SCRATCHFORMER_BLAS });
    expect(auto).toMatchObject({ name: 'wasm', why: expect.stringMatching(new RegExp(`; ${cause}$`)) });
  });
});

test.skipIf(!hasBlas || process.platform !== 'linux')('a BLAS starts no threads of its own', async () => {
  const { code, output } = await runScript(
    `import { readdirSync } from 'node:fs';
    import { useBackend } from 'scratchformer';
    const threads = () => readdirSync('/proc/self/task').length;
    const before = threads();
    useBackend('blas', { threads: 1 });
    console.log(threads() - before, process.env.OPENBLAS_NUM_THREADS);`,
    { env: { SCRATCHFORMER_BACKEND: 'js', OPENBLAS_NUM_THREADS: '7' } },
  );
  expect({ code, output }).toEqual({ code: 0, output: '0 7' });
});

test('what lives since js was in use is told, once, and only then', async () => {
  const told = async (source: string) => {
    const { code, errors } = await runScript(
      `import { Linear, ones, prepareBackend, useBackend } from 'scratchformer';
      await prepareBackend(); // nothing to wait for
      ${source}`,
      { env: { SCRATCHFORMER_THREADS: '1' } },
    );
    expect(code).toBe(0);
    return errors;
  };
  const late = "useBackend('js'); const model = new Linear(2, 3); useBackend('wasm');";
  expect(await told(`${late} useBackend('js'); useBackend('wasm'); model.forward(ones([1, 2]));`)).toMatch(
    /^useBackend: parameters or optimizer state were made while js was in use\. .* then make the model\.\n$/,
  );
  expect(await told("useBackend('js'); ones([2]); useBackend('wasm'); new Linear(2, 3);")).toBe('');
});

describe('useBackend', () => {
  afterEach(() => {
    useBackend('js');
  });

  test('a build that is not there: an error if it was asked for, js if not, and nothing changes on error', () => {
    const build = 'no such build' as NonNullable<BackendOptions['build']>;
    const cause = 'wasm: its build is missing (npm run build:wasm)';
    useBackend('wasm', { threads: 1 });
    expect(() => useBackend('wasm', { build })).toThrow(`the backend wasm can be used. got ${cause}`);
    expect(backendInUse()).toMatchObject({ name: 'wasm', threads: 1 });
    const auto = useBackend('auto', { build });
    expect(auto).toMatchObject({ name: 'js', threads: 1, why: expect.stringContaining(cause) });
    expect(backendInUse()).toBe(auto);
  });

  test('refuses what it does not know', () => {
    expect(() => useBackend('bals' as BackendName)).toThrow('did you mean "blas"?');
    expect(() => useBackend('wasm', { thread: 1 } as BackendOptions)).toThrow('did you mean "threads"?');
    for (const threads of [0, 1.5, Number.NaN]) {
      expect(() => useBackend('wasm', { threads })).toThrow(`threads is a whole number ≥ 1. got ${threads}`);
    }
    expect(() => useBackend('wasm', { threads: 1e6 })).toThrow('threads is at most 256. got 1000000');
  });

  test.each([
    ['wasm', { build: 'plain', threads: 1 }],
    ['wasm', { build: 'relaxed', threads: 2 }],
    ['blas', { threads: 2 }],
  ] as const)('greedy generation writes the same on %s as on js (%o)', (name, options) => {
    if (name === 'blas' && !hasBlas) return;
    useBackend('js');
    const model = tinyGpt();
    for (const weight of model.parameters())
      if (weight.rank === 2) weight.data.set(weight.data.map((w) => 20 * w)); // so that scores differ widely
    const state = model.stateDict();
    const expected = model.generate([1, 2, 3], { maxTokens: 60, topK: 1 });
    expect(new Set(expected).size, 'distinct tokens').toBeGreaterThan(3);
    useBackend(name, options);
    const other = tinyGpt(); // in the memory of this backend
    other.loadStateDict(state);
    expect(other.generate([1, 2, 3], { maxTokens: 60, topK: 1 })).toEqual(expected);
  });
});
