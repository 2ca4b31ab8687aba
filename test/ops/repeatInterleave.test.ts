import { expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { permute, repeatInterleave } from '../../src/ops/index.ts';
import { randn, tensor } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';

test.each([0, 1, -1])('along axis %i, value and gradient are those of PyTorch', (axis) => {
  expectGolden(`repeatInterleave ${axis}`, (x) => repeatInterleave(x!, 3, axis));
});

test('gradcheck, also of a strided view', () => {
  const x = randn([2, 3, 2, 2], { dtype: 'float64' });
  gradcheck((x) => repeatInterleave(x!, 2, 1), [x]);
  gradcheck((x) => repeatInterleave(permute(x!, [0, 2, 1, 3]), 3, 1), [x]);
});

test('neighbours are copies of one entry; heads moved in front of tokens, as attention has them', () => {
  expect(repeatInterleave(tensor([1, 2]), 2, 0).toArray()).toEqual([1, 1, 2, 2]);
  expect(repeatInterleave(tensor([[1, 2]], { dtype: 'int32' }), 1, 1).toArray()).toEqual([[1, 2]]);
  const x = randn([2, 5, 3, 4]);
  const heads = permute(x, [0, 2, 1, 3]);
  const y = repeatInterleave(heads, 2, 1).toArray() as number[][];
  const source = heads.toArray() as number[][];
  expect(y).toEqual(source.map((batch) => batch.flatMap((head) => [head, head])));
});

test('bad input', () => {
  for (const repeats of [0, -1, 1.5]) {
    expect(() => repeatInterleave(tensor([1]), repeats, 0)).toThrow(
      `repeatInterleave: repeats is a whole number ≥ 1. got ${repeats}.`,
    );
  }
  expect(() => repeatInterleave(tensor([1]), 2, 1)).toThrow('repeatInterleave: axis lies in [-1, 0]');
});
