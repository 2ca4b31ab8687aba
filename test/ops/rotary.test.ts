import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { concat, mul, permute, reshape, rotary, slice, sum } from '../../src/ops/index.ts';
import { randn, type Tensor, tensor } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';
import { expectClose } from '../support/golden.ts';

const float64 = { dtype: 'float64' } as const;
const layouts = ['interleaved', 'half'] as const;
const vector = (D: number) => randn([1, 1, 1, D], float64);
const dot = (a: Tensor, b: Tensor) => sum(mul(a, b)).item();

test('value and gradients are those of PyTorch, with complex numbers', () => {
  expectGolden('rotary', (x) => rotary(x!));
  expectGolden('rotary 3', (x) => rotary(x!, { start: 3 }));
  expectGolden('rotary base', (x) => rotary(x!, { start: 1, base: 50 }));
});

test.each(layouts)('gradcheck, also of a strided view: %s', (layout) => {
  const x = randn([2, 3, 2, 6], float64);
  gradcheck((x) => rotary(x!, { start: 2, base: 100, layout }), [x]);
  gradcheck((x) => rotary(permute(x!, [0, 2, 1, 3]), { start: 2, layout }), [x]);
});

test.each(layouts)(
  'a product of a query and a key knows their distance alone; lengths stay; position 0 is the identity: %s',
  (layout) => {
    const position = fc.integer({ min: 0, max: 500 });
    fc.assert(
      fc.property(position, position, position, fc.constantFrom(2, 6, 10), (q, k, shift, D) => {
        const [a, b] = [vector(D), vector(D)];
        const at = (x: Tensor, start: number) => rotary(x, { start, layout });
        const product = (more: number) => dot(at(a, q + more), at(b, k + more));
        expect(product(shift)).toBeCloseTo(product(0), 9);
        // R(α)ᵀR(β) = R(β − α)
        const turned = k >= q ? dot(a, at(b, k - q)) : dot(at(a, q - k), b);
        expect(product(0)).toBeCloseTo(turned, 9);
        expect(dot(at(a, q), at(a, q))).toBeCloseTo(dot(a, a), 12);
        expect(at(a, 0).toArray()).toEqual(a.toArray());
      }),
      { numRuns: 50 },
    );
  },
);

/**
 * Channels from neighbouring pairs to halves: (0, 1), (2, 3), … become the columns (0, D/2), (1, D/2 + 1), …
 */
function toHalves(x: Tensor): Tensor {
  const [B, T, H, D] = x.shape as [number, number, number, number];
  return reshape(permute(reshape(x, [B, T, H, D / 2, 2]), [0, 1, 2, 4, 3]), [B, T, H, D]);
}

test.each(['float32', 'float64'] as const)(
  'the halves are the neighbours in another order, to the bit: %s',
  (dtype) => {
    for (const D of [2, 6, 8, 22]) {
      const x = randn([2, 5, 3, D], { dtype });
      const settings = { start: 3, base: 50 };
      const halves = rotary(toHalves(x), { ...settings, layout: 'half' });
      expect(halves.toTypedArray()).toEqual(toHalves(rotary(x, settings)).toTypedArray());
    }
  },
);

test('halves by the formula: channel i with i + D/2, at the angle p·base^(−2i/D)', () => {
  const x = [0.3, -1.2, 0.7, 2, 0.5, -0.4];
  const y = rotary(tensor([[[x]]], float64), { start: 7, base: 100, layout: 'half' });
  const expected = x.map((_, channel) => {
    const i = channel % 3;
    const angle = 7 * 100 ** ((-2 * i) / 6);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return channel < 3 ? x[i]! * c - x[i + 3]! * s : x[i + 3]! * c + x[i]! * s;
  });
  expectClose(y, [[[expected]]], 1e-15);
});

test.each(['float32', 'float64'] as const)(
  'piece by piece, far beyond the first tables, as all at once: %s',
  (dtype) => {
    const x = randn([2, 200, 2, 6], { dtype });
    const piece = (start: number, end: number) =>
      rotary(slice(x, { axis: 1, start, end }), { start, base: 123 });
    const pieces = concat([piece(0, 3), piece(3, 150), piece(150, 151), piece(151, 200)], 1);
    expect(pieces.toTypedArray()).toEqual(rotary(x, { base: 123 }).toTypedArray());
  },
);

test('the tables keep their digits: element pairs at position 1000', () => {
  const y = rotary(tensor([1, 0, 1, 0]).strided([1, 1, 1, 4], [4, 4, 4, 1]), { start: 1000 });
  expectClose(y, [[[[Math.cos(1000), Math.sin(1000), Math.cos(10), Math.sin(10)]]]], 1e-6);
});

test('bad input', () => {
  expect(() => rotary(randn([2, 3, 4]))).toThrow(
    'rotary: the tensor is (B, T, H, D) with an even head size D. got (2, 3, 4).',
  );
  expect(() => rotary(randn([1, 2, 2, 3]))).toThrow('an even head size D. got (1, 2, 2, 3).');
  for (const start of [-1, 0.5, Number.NaN]) {
    expect(() => rotary(vector(2), { start })).toThrow(`rotary: start is a whole number ≥ 0. got ${start}.`);
  }
  expect(() => rotary(vector(2), { base: 0 })).toThrow('rotary: base is a finite number > 0. got 0.');
  expect(() => rotary(tensor([1, 2], { dtype: 'int32' }).strided([1, 1, 1, 2], [2, 2, 2, 1]))).toThrow(
    'float32 or float64',
  );
  expect(() => rotary(vector(2), { layout: 'halves' as 'half' })).toThrow(
    'rotary: the layout is known. got "halves". did you mean "half"? known: interleaved, half.',
  );
  // @ts-expect-error another name
  expect(() => rotary(vector(2), { theta: 1 })).toThrow('rotary: every option is known. got "theta".');
});
