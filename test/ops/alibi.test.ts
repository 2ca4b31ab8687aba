import { expect, test } from 'vitest';
import { noGrad } from '../../src/autograd/index.ts';
import { kernelMemoryInBlocks } from '../../src/kernels/wasm/memory.ts';
import { alibi, alibiSlopes, attention } from '../../src/ops/index.ts';
import { randn, tensor } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';
import { expectClose } from '../support/golden.ts';

test('attention with it has the value and gradients of PyTorch', () => {
  expectGolden('attention alibi causal', (q, k, v) =>
    attention(q!, k!, v!, { causal: true, mask: alibi(3, 3, 5, q!.dtype) }),
  );
  expectGolden('attention alibi', (q, k, v) => attention(q!, k!, v!, { mask: alibi(3, 3, 5, q!.dtype) }));
});

test('slopes: the geometric sequence of the paper, and the rule for other numbers of heads', () => {
  expect(alibiSlopes(1)).toEqual([2 ** -8]);
  expect(alibiSlopes(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((h) => 2 ** -h));
  expectClose(tensor(alibiSlopes(16).slice(0, 3), { dtype: 'float64' }), [2 ** -0.5, 0.5, 2 ** -1.5], 1e-15);
  expect(alibiSlopes(6)).toEqual([2 ** -2, 2 ** -4, 2 ** -6, 2 ** -8, 2 ** -1, 2 ** -3]);
  expect(new Set(alibiSlopes(12)).size).toBe(12);
});

test.each([
  [2, 4, 4],
  [3, 2, 5],
  [1, 5, 2],
  [4, 1, 300],
  [2, 0, 3],
  [2, 3, 0],
])('%i heads, %i queries, %i keys: −slope·distance, the last query at the last key', (heads, T, S) => {
  for (const dtype of ['float32', 'float64'] as const) {
    const bias = alibi(heads, T, S, dtype);
    expect(bias.shape).toEqual([heads, T, S]);
    expect(bias.dtype).toBe(dtype);
    const expected = alibiSlopes(heads).flatMap((slope) =>
      Array.from({ length: T * S }, (_, i) => -slope * Math.abs(Math.floor(i / S) + S - T - (i % S))),
    );
    expectClose(tensor(bias.toTypedArray()), tensor(expected, { dtype: 'float64' }).toArray(), 1e-6);
  }
});

test('beside a padding mask', () => {
  const [q, k] = [randn([2, 2, 3, 4]), randn([2, 2, 5, 4])];
  const keyPaddingMask = tensor([[0, 0, 1, 0, 0], [0, 1, 0, 0, 1]], { dtype: 'int32' }); // biome-ignore format: rows
  const copy = tensor(alibi(2, 3, 5).toArray());
  const expected = attention(q, k, k, { mask: copy, keyPaddingMask });
  expectClose(attention(q, k, k, { mask: alibi(2, 3, 5), keyPaddingMask }), expected.toArray(), 1e-6);
});

test('calls share their numbers: other sizes and a growing cache take no more memory', () => {
  const first = noGrad(() => alibi(5, 64, 64));
  const before = kernelMemoryInBlocks();
  for (let S = 1; S <= 64; S++) expect(noGrad(() => alibi(5, 1, S)).storage).toBe(first.storage);
  expect(alibi(5, 7, 33).storage).toBe(first.storage);
  expect(kernelMemoryInBlocks()).toBe(before);
  expect(alibi(5, 1, 65).storage).not.toBe(first.storage);
  expect(alibi(5, 1, 65).toArray()).toEqual(alibi(5, 1, 65).toArray());
  expect(first.array.get(0, 0, 63), 'the shorter line is still there').toBe(-63 * alibiSlopes(5)[0]!);
});

test('bad input', () => {
  expect(() => alibi(0, 2, 2)).toThrow('alibi: heads ≥ 1, T and S are whole numbers. got 0, 2, 2.');
  expect(() => alibi(2, 2, -1)).toThrow('got 2, 2, -1');
  expect(() => alibi(2, 2, 2, 'int32')).toThrow('alibi: the dtype is float32 or float64. got int32.');
});
