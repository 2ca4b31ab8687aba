/** The build `wide`: what it computes, on any engine, and when it is taken. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { useBackend } from '../../../src/kernels/index.ts';
import { loadModule } from '../../../src/kernels/wasm/module.ts';
import { agree, compileWide, isFaster } from '../../../src/kernels/wasm/wide.js';
import { platform } from '../../../src/platform/index.ts';
import { root } from '../../support/root.ts';
import { runScript } from '../../support/runScript.ts';
import { threadsAreUp, trainedWeights } from '../../support/tinyGpt.ts';
import '../../../src/fluent.ts';

loadModule('relaxed'); // sets a flag where the engine needs one
const bytesOf = (build: string) => readFileSync(`${root}src/kernels/wasm/build/${build}.wasm`);
const [plain, relaxed] = ['plain', 'relaxed'].map((build) => new WebAssembly.Module(bytesOf(build)));
const wide = platform.joinsVectors ? compileWide(bytesOf('wide')) : new WebAssembly.Module(bytesOf('wide'));

describe('the trial', () => {
  test('finds the bits of the build relaxed, and tells those of another', () => {
    expect(agree(wide, relaxed!)).toBe(true);
    expect(agree(plain!, relaxed!)).toBe(false);
  });

  test('finds one wrong bit in any of the constants', () => {
    const table = Buffer.from(Float32Array.of(0.41, 1).buffer).subarray(4); // the bits of 1
    const bytes = bytesOf('wide');
    const at = bytes.lastIndexOf(table);
    expect(at).toBeGreaterThan(0);
    bytes[at]! ^= 1;
    expect(agree(new WebAssembly.Module(bytes), relaxed!)).toBe(false);
  });

  test('does not call a build faster than itself', () => {
    expect(isFaster(relaxed!, relaxed!)).toBe(false);
  });
});

test('training gives the bits of the build relaxed, on one thread and on two', async () => {
  useBackend('wasm', { threads: 1, build: 'relaxed' });
  const expected = trainedWeights(5);
  for (const threads of [1, 2]) {
    useBackend('wasm', { threads, build: 'wide' });
    await threadsAreUp();
    expect(trainedWeights(5)).toEqual(expected);
  }
});

describe.skipIf(!platform.joinsVectors)('where the engine joins vectors', () => {
  const build = async (env: Record<string, string>) => {
    const source = `import { useBackend } from 'scratchformer/kernels';
      console.log(useBackend('wasm', { threads: 1 }).why);`;
    const { output } = await runScript(source, { env });
    return output.trim();
  };

  test('SCRATCHFORMER_TURBO=0 does without it', async () => {
    expect(await build({ SCRATCHFORMER_TURBO: '0' })).toBe('relaxed SIMD, 1 thread');
  });

  test('a trial that ends badly does, too', async () => {
    const source = `import { platform } from '${root}src/platform/index.ts';
      platform.endsWell = () => false;
      const { useBackend } = await import('scratchformer/kernels');
      console.log(useBackend('wasm', { threads: 1 }).why);`;
    const { output } = await runScript(source);
    expect(output.trim()).toBe('relaxed SIMD, 1 thread');
  });
});
