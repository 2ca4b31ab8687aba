import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadModule } from '../../src/kernels/wasm/module.ts';
import { notShared } from '../../src/kernels/wasm/notShared.ts';
import { root } from '../support/root.ts';

beforeAll(() => void loadModule()); // lets the engine have relaxed SIMD

describe.each(['plain', 'relaxed'])('the build %s, for a memory that is not shared', (name) => {
  const bytes = new Uint8Array(readFileSync(`${root}src/kernels/wasm/build/${name}.wasm`));

  test('differs in one byte, and runs over one', () => {
    const before = bytes.slice();
    const patched = notShared(bytes);
    expect(bytes).toEqual(before);
    expect(patched.filter((byte, i) => byte !== bytes[i])).toEqual(Uint8Array.of(1));

    const memory = new WebAssembly.Memory({ initial: 300, maximum: 300, shared: false });
    const start = (module: Uint8Array) =>
      new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory, abort() {} } }).exports;
    expect(() => start(bytes)).toThrow('shared');
    const { sumRows } = start(patched) as { sumRows(...args: number[]): void };
    const floats = new Float32Array(memory.buffer, 65536);
    floats.set([1, 2, 3, 4, 5, 6]);
    sumRows(65536 + 400, 65536, 3, 0, 2);
    expect([...floats.subarray(100, 102)]).toEqual([6, 15]);
  });
});
