/** Whose a call is, by the type of its numbers. */
import ndarray from 'ndarray';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { kernels, useBackend } from '../../../src/kernels/index.ts';
import * as js from '../../../src/kernels/js/index.ts';
import { currentThreads } from '../../../src/kernels/wasm/call.ts';
import * as wrappers from '../../../src/kernels/wasm/wrappers/index.ts';
import type { FloatArray, NdArray } from '../../../src/tensor/index.ts';

beforeAll(() => {
  useBackend('wasm', { threads: 1 });
});

const view = (x: FloatArray): NdArray => ndarray(x, [1, 1, 2, 2]) as NdArray;
const attending = { scale: 1, causal: false, mask: null, dropout: null };

/** The arguments of the kernels that do not begin with an array; all others look at their first argument. */
const argumentsOf: Record<string, (x: FloatArray) => unknown[]> = {
  copy: (x) => [view(x), view(x)],
  addTo: (x) => [view(x), view(x)],
  binary: (x) => ['mul', view(x), view(x), view(x)],
  attention: (x) => [view(x), x, x, view(x), view(x), view(x), attending],
  attentionGrad: (x) => {
    const v = view(x);
    return [v, v, v, v, v, x, x, v, v, v, attending];
  },
  sumSquares: (x) => [[x]],
};
const called = (name: string, x: FloatArray) => {
  const args = argumentsOf[name]?.(x) ?? [x];
  return Reflect.apply(kernels[name as keyof typeof kernels], undefined, args);
};

test.each(Object.keys(wrappers))(
  '%s refuses a type that it does not know, whose bits are no numbers',
  (name) => {
    const halves = new Uint16Array(4) as unknown as FloatArray;
    expect(() => called(name, halves)).toThrow(
      'kernels: numbers are float32, float64 or int32. got Uint16Array.',
    );
  },
);

describe.each(Object.keys(argumentsOf))('%s', (name) => {
  test('of float32 is compiled, of float64 the reference', () => {
    const run = vi.spyOn(currentThreads(), 'run');
    called(name, new Float32Array(4));
    expect(run).toHaveBeenCalled();
    run.mockClear();
    called(name, new Float64Array(4));
    expect(run).not.toHaveBeenCalled();
    run.mockRestore();
  });
});

test('attention of float32 with a mask of float64 is the reference', () => {
  const x = Float32Array.of(1, -2, 3, 0.5);
  const mask = ndarray(Float64Array.of(0.5, -1, 2, 0.25), [1, 1, 2, 2]) as NdArray;
  const [got, expected] = [kernels, js].map(({ attention }) => {
    const [y, max, sum] = [new Float32Array(4), new Float32Array(2), new Float32Array(2)];
    attention(view(y), max, sum, view(x), view(x), view(x), { ...attending, mask });
    return [...y, ...max, ...sum];
  });
  expect(got).toEqual(expected);
});

test('those that are not compiled are these', () => {
  const perStep = 'a few passes over the weights in each step, which wait for memory';
  const reasons = {
    approach: perStep,
    blend: perStep,
    cumsum: 'no layer calls it',
    lion: perStep,
    max: 'no layer calls it, only the ops max, argmax and logSoftmax',
    polynomial: perStep,
  };
  const left = Object.keys(js).filter((name) => !Object.hasOwn(wrappers, name));
  expect(left.sort()).toEqual(Object.keys(reasons));
});
