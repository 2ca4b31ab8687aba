import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Library, loadForThisCore } from '../../src/kernels/blas/core.ts';

const hasWideVectors = process.platform === 'linux' && / avx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Loads a library that takes the processor for `core`; notes what the environment says each time. */
function load(core: string | Error) {
  const seen: (string | undefined)[] = [];
  let unloaded = 0;
  const library: Library = {
    func: () => {
      if (core instanceof Error) throw core;
      return () => core;
    },
    unload: () => {
      unloaded++;
    },
  };
  const loaded = loadForThisCore(() => {
    seen.push(process.env.OPENBLAS_CORETYPE);
    return library;
  });
  expect(loaded).toBe(library);
  return { seen, unloaded };
}

describe.skipIf(!hasWideVectors)('on a processor with vectors of 256 bits or more', () => {
  test('an OpenBLAS that takes it for the oldest is told better, and loaded again', () => {
    vi.stubEnv('OPENBLAS_CORETYPE', undefined);
    const { seen, unloaded } = load('Prescott');
    expect(seen).toEqual([undefined, expect.stringMatching(/^(SkylakeX|Haswell)$/)]);
    expect(unloaded).toBe(1);
    expect(process.env.OPENBLAS_CORETYPE).toBeUndefined();
  });
});

test.each([
  ['one that knows the processor', 'Zen'],
  ['another library', new Error('no such function')],
])('%s is left alone', (_, core) => {
  vi.stubEnv('OPENBLAS_CORETYPE', undefined);
  expect(load(core)).toEqual({ seen: [undefined], unloaded: 0 });
});

test("the user's own choice stands", () => {
  vi.stubEnv('OPENBLAS_CORETYPE', 'Prescott');
  expect(load('Prescott')).toEqual({ seen: ['Prescott'], unloaded: 0 });
  expect(process.env.OPENBLAS_CORETYPE).toBe('Prescott');
});
