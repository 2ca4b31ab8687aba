import { expect, test } from 'vitest';
import { backward, gradcheck } from '../../src/autograd/index.ts';
import { embedding } from '../../src/ops/index.ts';
import { ones, randn, tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';

const int32 = { dtype: 'int32' } as const;

test('value and gradient are those of PyTorch', () => expectGolden('embedding', embedding));

test('gradcheck with repeated and unused rows', () => {
  gradcheck(embedding, [
    randn([5, 3], { dtype: 'float64' }),
    tensor(
      [
        [1, 1, 4],
        [0, 1, 0],
      ],
      int32,
    ),
  ]);
});

test('rows are copied bit for bit, and a row used twice gets both gradients', () => {
  const table = randn([3, 2], { requiresGrad: true });
  const y = embedding(table, tensor([2, 0, 2], int32));
  const rows = table.toArray() as number[][];
  expect(y.toArray()).toEqual([rows[2], rows[0], rows[2]]);
  backward(y, ones([3, 2]));
  expect(table.grad!.toArray()).toEqual([
    [1, 1],
    [0, 0],
    [2, 2],
  ]);
});

test('strided indices, a scalar index, no index', () => {
  const table = randn([4, 2]);
  const indices = tensor(
    [
      [0, 1],
      [2, 3],
    ],
    int32,
  );
  const turned = indices.strided([2, 2], [1, 2]);
  expect(embedding(table, turned).toArray()).toEqual(
    embedding(
      table,
      tensor(
        [
          [0, 2],
          [1, 3],
        ],
        int32,
      ),
    ).toArray(),
  );
  expect(embedding(table, tensor(3, int32)).toArray()).toEqual((table.toArray() as number[][])[3]);
  expect(embedding(table, zeros([0], int32)).shape).toEqual([0, 2]);
});

test('bad input', () => {
  const table = zeros([4, 2]);
  expect(() => embedding(table, tensor([0, 4], int32))).toThrow(
    'embedding: a token lies in [0, 4), for a table of V = 4 rows. got token out of range: 4 at index 1.',
  );
  expect(() => embedding(table, tensor([-1], int32))).toThrow('token out of range: -1 at index 0');
  expect(() => embedding(table, tensor([1.5]))).toThrow('embedding: indices are int32. got float32');
  expect(() => embedding(zeros([4]), tensor([1], int32))).toThrow(
    'embedding: the table has shape (V, C). got (4).',
  );
});
