import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import '../../src/fluent.ts';
import { ctcLoss, logSoftmax } from '../../src/ops/index.ts';
import { randn, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';

const targets = [[1, 2, 2], [3], [], [4, 4, 4, 4]];
const frames = [9, 7, 5, 9];

describe('as PyTorch, gradients to the logits too', () => {
  test.each(['mean', 'sum', 'none'] as const)('%s', (reduction) => {
    const options = { reduction };
    expectGolden(`ctcLoss ${reduction}`, (x) => ctcLoss(logSoftmax(x!), targets, options));
    expectGolden(`ctcLoss ${reduction}, frames`, (x) =>
      ctcLoss(logSoftmax(x!), targets, { ...options, frames }),
    );
  });

  test('another blank', () => {
    const four = Array.from({ length: 4 }, () => [1, 0]);
    expectGolden('ctcLoss blank 2', (x) => ctcLoss(logSoftmax(x!), four, { blank: 2 }));
  });
});

/** What a path spells: repeats merged, then blanks dropped. */
const spelled = (path: readonly number[]) => path.filter((v, t) => v !== path[t - 1] && v !== 0);

/** −log Σ p(path) over every path there is. */
function costByHand(x: Tensor, target: readonly number[]): number {
  const rows = x.toArray() as number[][];
  const paths = rows.reduce<number[][]>(
    (all, row) => all.flatMap((path) => row.map((_, v) => [...path, v])),
    [[]],
  );
  const right = paths.filter((path) => spelled(path).toString() === target.toString());
  return -Math.log(
    right.reduce((sum, path) => sum + Math.exp(path.reduce((s, v, t) => s + rows[t]![v]!, 0)), 0),
  );
}

test('is the sum over all paths that spell the target', () => {
  const symbols = fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 4 });
  fc.assert(
    fc.property(symbols, fc.integer({ min: 1, max: 5 }), (target, T) => {
      const x = logSoftmax(randn([T, 3], { dtype: 'float64' }));
      const got = ctcLoss(x.reshape([1, T, 3]), [target], { reduction: 'none' }).item();
      const expected = costByHand(x, target);
      if (Number.isFinite(expected)) expect(got).toBeCloseTo(expected, 9);
      else expect(got).toBe(Infinity);
    }),
  );
});

test('gradient of the log probabilities, with repeats, an empty target and fewer frames', () => {
  const x = randn([4, 5, 5], { dtype: 'float64' });
  const given = [[1, 1], [2, 3, 2], [], [4]];
  gradcheck((x: Tensor) => ctcLoss(x, given, { frames: [5, 5, 3, 1], reduction: 'none' }), [x]);
});

test('a target that no path can spell costs Infinity, and its gradient is 0', () => {
  const x = logSoftmax(randn([2, 3, 4], { dtype: 'float64' })).detach();
  x.requiresGrad = true;
  const costs = ctcLoss(
    x,
    [
      [1, 1],
      [2, 2, 2],
    ],
    { reduction: 'none' },
  );
  expect(costs.toArray()).toEqual([expect.any(Number), Infinity]);
  costs.sum().backward();
  const gradient = [...x.grad!.toTypedArray()];
  expect(gradient.every(Number.isFinite)).toBe(true);
  expect(gradient.slice(12).every((value) => value === 0)).toBe(true);
  expect(gradient.slice(0, 12).some((value) => value < 0)).toBe(true);
  expect(ctcLoss(x, [[1], [2, 2, 2]], { zeroInfinity: true, reduction: 'none' }).toArray()).toEqual([
    expect.any(Number),
    0,
  ]);
  expect(ctcLoss(zeros([1, 3, 4]), [[]], { frames: [0] }).item()).toBe(0);
});

test('log probabilities of −∞ are no trouble', () => {
  const sure = tensor(
    [
      [
        [-Infinity, 0],
        [0, -Infinity],
      ],
    ],
    { dtype: 'float64', requiresGrad: true },
  );
  const loss = ctcLoss(sure, [[1]]);
  expect(loss.item()).toBeCloseTo(0, 12);
  loss.backward();
  expect(sure.grad!.toArray()).toEqual([[[-0, -1], [-1, -0]]].map((rows) => rows.map((row) => row.map((v) => v + 0)))); // biome-ignore format: rows
});

test('bad input', () => {
  const x = zeros([1, 3, 4]);
  expect(() => ctcLoss(x, [[0]])).toThrow(
    'ctcLoss: symbols lie in [0, 4) and are not the blank 0. got 0 in target 0.',
  );
  expect(() => ctcLoss(x, [[4]])).toThrow('got 4 in target 0');
  expect(() => ctcLoss(x, [])).toThrow('there is one target, a list of classes, for each of the 1 sequences');
  expect(() => ctcLoss(x, [[1]], { frames: [4] })).toThrow(
    'frames are 1 whole numbers from 0 to 3. got [4].',
  );
  expect(() => ctcLoss(zeros([3, 4]), [[1]])).toThrow('log probabilities are (B, T, V). got (3, 4).');
});
