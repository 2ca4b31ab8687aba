/**
 * What the wrappers of the element-wise kernels decide: which layouts are merged into what, and whose a
 * formula is.
 */
import fc from 'fast-check';
import ndarray from 'ndarray';
import { beforeAll, describe, expect, test } from 'vitest';
import { useBackend } from '../../../src/kernels/index.ts';
import * as js from '../../../src/kernels/js/index.ts';
import { mergedAxes } from '../../../src/kernels/wasm/axes.ts';
import * as elementwise from '../../../src/kernels/wasm/wrappers/elementwise.ts';
import * as maps from '../../../src/kernels/wasm/wrappers/maps.ts';
import type { NdArray, TypedArray } from '../../../src/tensor/index.ts';

beforeAll(() => {
  useBackend('wasm', { threads: 1 });
});

/** An order of the axes in memory, which axes are broadcast, and how far the last one is spread. */
interface Layout {
  readonly order: readonly number[];
  readonly broadcast: readonly boolean[];
  readonly spread: number;
}

function view(
  data: (length: number) => TypedArray,
  shape: number[],
  { order, broadcast, spread }: Layout,
): NdArray {
  const stride = new Array<number>(shape.length).fill(0);
  let run = spread;
  for (const axis of [...order].reverse()) {
    if (broadcast[axis]) continue;
    stride[axis] = run;
    run *= shape[axis]!;
  }
  return ndarray(data(run + 3), shape, stride, 3) as NdArray;
}

const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i) * 10);
const whole = (length: number) => Int32Array.from({ length }, (_, i) => Math.imul(i, 0x9e3779b1));

/**
 * Shapes of up to five axes, some long enough for blocks and bands, with layouts for an output and two
 * operands.
 */
const cases = fc.integer({ min: 1, max: 5 }).chain((rank) => {
  const layout = (broadcast: fc.Arbitrary<boolean>) =>
    fc.record({
      order: fc.shuffledSubarray([...Array(rank).keys()], { minLength: rank }),
      broadcast: fc.array(broadcast, { minLength: rank, maxLength: rank }),
      spread: fc.constantFrom(1, 1, 1, 2),
    });
  const operand = layout(fc.constantFrom(false, false, true));
  const lengths = rank > 3 ? [0, 1, 2, 3, 5, 8] : [0, 1, 2, 4, 5, 17, 33];
  const shape = fc.array(fc.constantFrom(...lengths), { minLength: rank, maxLength: rank });
  return fc.tuple(shape, layout(fc.constant(false)), operand, operand);
});

const sameBits = (got: NdArray, expected: NdArray) => expect(got.data).toEqual(expected.data);

describe('every layout gives the bits of the reference, and touches nothing else', () => {
  test('copy, of floats and integers', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(wave, whole), ([shape, to, from], numbers) => {
        const x = view(numbers, shape, from);
        const [out, expected] = [view(numbers, shape, to), view(numbers, shape, to)];
        elementwise.copy(out, x);
        js.copy(expected, x);
        sameBits(out, expected);
      }),
      { numRuns: 300 },
    );
  });

  test('binary and addTo', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom('add', 'div', 'lt', 'max'), ([shape, to, fromA, fromB], name) => {
        const [a, b] = [view(wave, shape, fromA), view(wave, shape, fromB)];
        const [out, expected] = [view(wave, shape, to), view(wave, shape, to)];
        elementwise.binary(name as 'add', out, a, b);
        js.binary(name as 'add', expected, a, b);
        elementwise.addTo(out, b);
        js.addTo(expected, b);
        sameBits(out, expected);
      }),
      { numRuns: 300 },
    );
  });
});

test('runs are merged: packed views of any rank are one axis, heads split from rows are three', () => {
  const axesOf = (shape: number[], ...strides: number[][]) =>
    mergedAxes(strides.map((stride) => ndarray(new Float32Array(0), shape, stride) as NdArray));
  expect(axesOf([2, 3, 4], [12, 4, 1], [12, 4, 1])).toEqual([{ length: 24, strides: [1, 1] }]);
  expect(axesOf([2, 3, 4], [12, 4, 1], [0, 0, 1])).toEqual([
    { length: 6, strides: [4, 0] },
    { length: 4, strides: [1, 1] },
  ]);
  expect(axesOf([5, 1, 4], [1, 9, 5], [4, 7, 1])?.map(({ length }) => length)).toEqual([4, 5]);
  expect(axesOf([3, 2, 4, 5], [40, 20, 5, 1], [40, 5, 10, 1])?.map(({ length }) => length)).toEqual([
    3, 2, 4, 5,
  ]);
  expect(axesOf([4], [1], [-1])).toBeNull();
  expect(axesOf([4, 2], [0, 1], [2, 1])).toBeNull();
});

test('a formula of a known name that is not ours is left to the reference', () => {
  const [x, y, slope] = [Float32Array.of(-2, 3), new Float32Array(2), new Float32Array(2)];
  const doubled = { name: 'silu', f: (value: number) => 2 * value, df: () => 2 };
  maps.map(y, x, doubled, 0);
  expect([...y]).toEqual([-4, 6]);
  const sameValue = { name: 'relu', f: (value: number) => Math.max(0, value), df: () => 7 };
  maps.map(y, x, sameValue, 0);
  maps.mapWithSlope(y, slope, x, sameValue, 0);
  expect([...y, ...slope]).toEqual([0, 3, 7, 7]);
});

test('dropout of p next to 1 drops everything, as the reference does', () => {
  const y = new Float32Array(9).fill(5);
  elementwise.dropout(y, y.slice(), 1 - 2 ** -40, 3);
  expect([...y]).toEqual(new Array(9).fill(0));
});
