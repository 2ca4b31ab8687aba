import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { attention, attentionWeights, matmul, slice, slidingWindow } from '../../src/ops/index.ts';
import { randn, type Tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

const sizes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat({ max: 9 }), fc.nat({ max: 80 }));

test('hides what is `window` positions away or farther; the last query stands at the last key', () => {
  fc.assert(
    fc.property(sizes, fc.constantFrom('float32', 'float64'), ([window, T, S], dtype) => {
      const bias = slidingWindow(window, T, S, dtype);
      expect([bias.shape, bias.dtype]).toEqual([[T, S], dtype]);
      const expected = Array.from({ length: T * S }, (_, i) => {
        const distance = Math.floor(i / S) + S - T - (i % S);
        return Math.abs(distance) < window ? 0 : Number.NEGATIVE_INFINITY;
      });
      expect([...bias.toTypedArray()]).toEqual(expected);
    }),
  );
});

test('causal attention mixes the last `window` values only, with right gradients', () => {
  const [B, H, T, S, D, window] = [2, 2, 3, 6, 4, 3];
  const [q, k, v] = [randn([B, H, T, D]), randn([B, H, S, D]), randn([B, H, S, D])];
  const y = attention(q, k, v, { causal: true, mask: slidingWindow(window, T, S) });
  for (let t = 0; t < T; t++) {
    const last = t + S - T;
    const seen = (x: Tensor) => slice(x, { axis: 2, start: last - window + 1, end: last + 1 });
    const one = (x: Tensor) => slice(x, { axis: 2, start: t, end: t + 1 });
    const expected = matmul(attentionWeights(one(q), seen(k)), seen(v));
    expectClose(one(y), expected.toArray(), 1e-5);
  }
  const double = (shape: number[]) => randn(shape, { dtype: 'float64' });
  gradcheck(
    (q, k, v) => attention(q!, k!, v!, { causal: true, mask: slidingWindow(window, T, S, 'float64') }),
    [double([1, 1, T, D]), double([1, 1, S, D]), double([1, 1, S, D])],
  ); // biome-ignore format: shorter
});

test('calls share one row for a window, whatever the sizes', () => {
  const first = slidingWindow(1001, 64, 64);
  for (let S = 1; S <= 64; S++) expect(slidingWindow(1001, 1, S).storage).toBe(first.storage);
  expect(slidingWindow(1002, 1, 1).storage).not.toBe(first.storage);
  expect(first.storage.length).toBe(129);
});

test.each<[string, () => unknown, string]>([
  ['a window of 0', () => slidingWindow(0, 1, 1), 'slidingWindow: window is a whole number ≥ 1. got 0.'],
  ['half a query', () => slidingWindow(1, 0.5, 1), 'slidingWindow: T is a whole number ≥ 0. got 0.5.'],
  ['integers', () => slidingWindow(1, 1, 1, 'int32'), 'slidingWindow: the dtype is float32 or float64. got int32.'],
])('refuses %s', (_, use, message) => {
  expect(use).toThrow(message);
}); // biome-ignore format: a table
