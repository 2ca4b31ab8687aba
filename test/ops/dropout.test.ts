import { expect, test } from 'vitest';
import { backward, gradcheck } from '../../src/autograd/index.ts';
import { attention, dropout } from '../../src/ops/index.ts';
import { manualSeed, ones, randn, type Tensor, tensor } from '../../src/tensor/index.ts';

const keptShare = (y: Tensor) =>
  [...y.data].reduce((kept, value) => kept + (value !== 0 ? 1 : 0), 0) / y.size;

test.each([0.1, 0.5, 0.9])(
  'p = %f: the share that stays is 1 − p, the mean is 1, within 5 standard errors',
  (p) => {
    const n = 200_000;
    const y = dropout(ones([n], { dtype: 'float64' }), p);
    const standardError = Math.sqrt((p * (1 - p)) / n);
    expect(Math.abs(keptShare(y) - (1 - p))).toBeLessThan(5 * standardError);
    const mean = [...y.data].reduce((total, value) => total + value, 0) / n;
    expect(Math.abs(mean - 1)).toBeLessThan((5 * standardError) / (1 - p));
  },
);

test('neighbours, rows and calls are dropped independently', () => {
  const [p, n] = [0.5, 100_000];
  const [a, b] = [dropout(ones([n]), p).data, dropout(ones([n]), p).data];
  const bothKept = (x: ArrayLike<number>, y: ArrayLike<number>, shift: number) => {
    let both = 0;
    for (let i = 0; i < n - shift; i++) both += x[i] !== 0 && y[i + shift] !== 0 ? 1 : 0;
    return both / (n - shift);
  };
  const fiveErrors = 5 * Math.sqrt((0.25 * 0.75) / (n - 1024));
  for (const shift of [1, 2, 64, 1024])
    expect(Math.abs(bothKept(a, a, shift) - 0.25)).toBeLessThan(fiveErrors);
  for (const shift of [0, 1, 64]) expect(Math.abs(bothKept(a, b, shift) - 0.25)).toBeLessThan(fiveErrors);
});

test('survivors are scaled by 1/(1 − p); p = 0 keeps everything', () => {
  const x = randn([50], { dtype: 'float64' });
  const y = dropout(x, 0.25).data;
  for (const [i, value] of y.entries())
    expect([0, x.data[i]! / 0.75]).toContainEqual(expect.closeTo(value, 14));
  expect(dropout(x, 0).toArray()).toEqual(x.toArray());
});

test('backward uses the mask of forward', () => {
  const x = ones([1000], { requiresGrad: true });
  const y = dropout(x, 0.3);
  const mask = y.toTypedArray();
  backward(y, ones([1000]));
  expect(x.grad!.toTypedArray()).toEqual(mask);
});

test('gradcheck under one seed', () => {
  const seeded = (x: Tensor) => {
    manualSeed(3);
    return dropout(x, 0.4);
  };
  gradcheck(seeded, [randn([4, 5], { dtype: 'float64' })]);
});

test('two calls differ, and manualSeed brings the first one back', () => {
  const run = () => [dropout(ones([64]), 0.5).toArray(), dropout(ones([64]), 0.5).toArray()];
  manualSeed(11);
  const [first, second] = run();
  expect(first).not.toEqual(second);
  manualSeed(11);
  expect(run()).toEqual([first, second]);
  manualSeed(12);
  expect(run()[0]).not.toEqual(first);
});

test('attention drops weights: share, scale, seed', () => {
  // Zero queries weigh all S keys 1/S, and unit values read the weights out.
  const [T, S, p] = [100, 40, 0.3];
  const [q, k] = [tensor(new Float64Array(T)), tensor(new Float64Array(S))].map((x) =>
    x.strided([1, 1, x.size, 1], [0, 0, 1, 1]),
  );
  const weights = () => {
    const rows = Array.from({ length: S }, (_, s) =>
      tensor(Float64Array.from({ length: S }, (_, i) => (i === s ? 1 : 0))),
    );
    return rows.map((v) => {
      manualSeed(5);
      return attention(q!, k!, v.strided([1, 1, S, 1], [0, 0, 1, 1]), { dropout: p }).toTypedArray();
    });
  };
  const kept = weights().flatMap((column) => [...column]);
  for (const value of kept) expect([0, 1 / (S * (1 - p))]).toContainEqual(expect.closeTo(value, 14));
  const share = kept.filter((value) => value !== 0).length / (T * S);
  expect(Math.abs(share - (1 - p))).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / (T * S)));
});

test('p outside [0, 1) is an error', () => {
  const x = ones([3]);
  for (const p of [-0.1, 1, Number.NaN]) {
    expect(() => dropout(x, p)).toThrow(`dropout: the probability to drop lies in [0, 1). got ${p}.`);
  }
});
