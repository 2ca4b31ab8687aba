import { expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { relativeShift } from '../../src/ops/index.ts';
import { randn, tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';

test('as Transformer-XL writes it', () => {
  expectGolden('relativeShift', (x) => relativeShift(x!));
});

test('key s of query t reads the column of its distance', () => {
  // column j is for the distance T − 1 − j
  const x = tensor([[2, 1, 0, -1, -2], [2, 1, 0, -1, -2], [2, 1, 0, -1, -2]]); // biome-ignore format: rows
  expect(relativeShift(x).toArray()).toEqual([[0, -1, -2], [1, 0, -1], [2, 1, 0]]); // biome-ignore format: rows
});

test('gradient; bad input', () => {
  gradcheck(relativeShift, [randn([2, 4, 7], { dtype: 'float64' })]);
  expect(() => relativeShift(zeros([4, 8]))).toThrow(
    'relativeShift: x is (…, T, 2T − 1): a column for each distance',
  );
});
