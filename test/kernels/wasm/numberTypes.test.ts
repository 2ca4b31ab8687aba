/** Whose a call is, by the type of its numbers. */
import ndarray from 'ndarray';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type Kernels, kernels, useBackend } from '../../../src/kernels/index.ts';
import * as js from '../../../src/kernels/js/index.ts';
import { currentPool } from '../../../src/kernels/wasm/call.ts';
import * as wrappers from '../../../src/kernels/wasm/wrappers/index.ts';
import type { NdArray } from '../../../src/tensor/index.ts';

beforeAll(() => {
  useBackend('wasm', { threads: 1 });
});

/** The bits of four numbers in a type that no kernel knows. */
const halves = () => new Uint16Array(4) as unknown as Float32Array;
const doubles = () => new Float64Array(4);
const options = { ignoreIndex: -1, labelSmoothing: 0, weights: null };
const step = { lr: 0, beta1: 0, beta2: 0, eps: 1, weightDecay: 0, correction1: 1, correction2: 1 };
const formula = { name: 'relu', f: (x: number) => Math.max(0, x), df: (x: number) => (x > 0 ? 1 : 0) };
const zoneout = { hidden: 0, cell: 0, seeds: null };
const attending = { scale: 1, causal: false, mask: null, dropout: null };

/** One call of each compiled kernel, on numbers of one type. */
const calls: { [Name in keyof typeof wrappers]: (x: Float32Array | Float64Array, run: Kernels) => unknown } =
  {
    adamW: (x, run) => run.adamW(x, x, x, x, step),
    addTo: (x, run) => run.addTo(view(x), view(x)),
    attention: (x, run) => run.attention(view(x), x, x, view(x), view(x), view(x), attending),
    attentionGrad: (x, run) => {
      const v = view(x);
      return run.attentionGrad(v, v, v, v, v, x, x, v, v, v, attending);
    },
    bernoulliGate: (x, run) => run.bernoulliGate(x, x, x, 1),
    binary: (x, run) => run.binary('mul', view(x), view(x), view(x)),
    copy: (x, run) => run.copy(view(x), view(x)),
    crossEntropy: (x, run) => run.crossEntropy(x, x, x, x, Int32Array.of(0, 0, 0, 0), 4, 1, options),
    crossEntropyGrad: (x, run) =>
      run.crossEntropyGrad(x, x, x, x, x, Int32Array.of(0, 0, 0, 0), 4, 1, options),
    dropout: (x, run) => run.dropout(x, x, 0.5, 1),
    gatherRows: (x, run) => run.gatherRows(x, x, Int32Array.of(0), 4),
    layerNorm: (x, run) => run.layerNorm(x, x, x, x, null, null, 1, 4, 1),
    layerNormGrad: (x, run) => run.layerNormGrad(x, null, null, x, x, x, x, null, 1, 4),
    logSumExp: (x, run) => run.logSumExp(x, x, 1, 4),
    lstmCell: (x, run) => run.lstmCell(x, x, x, x, x, 1, 1, zoneout),
    lstmCellGrad: (x, run) => run.lstmCellGrad(x, x, x, x, x, x, x, 1, 1, zoneout),
    map: (x, run) => run.map(x, x, formula, 0),
    mapGrad: (x, run) => run.mapGrad(x, x, x, x, formula, 0),
    matmul: (x, run) => run.matmul(x, x, x, null, { m: 2, n: 2, k: 2 }),
    rmsNorm: (x, run) => run.rmsNorm(x, x, x, null, 1, 4, 1),
    rmsNormGrad: (x, run) => run.rmsNormGrad(x, null, x, x, x, null, 1, 4),
    rotate: (x, run) => run.rotate(x, x, x, x, 1, 1, 1, 2, 1),
    scale: (x, run) => run.scale(x, 2),
    scatterAddRows: (x, run) => run.scatterAddRows(x, x, Int32Array.of(0), 4),
    softmax: (x, run) => run.softmax(x, x, 1, 4),
    softmaxGrad: (x, run) => run.softmaxGrad(x, x, x, 1, 4),
    sum: (x, run) => run.sum(x, x, 1, 4, 1),
    sumSquares: (x, run) => run.sumSquares([x]),
  };
const view = (x: Float32Array | Float64Array): NdArray => ndarray(x, [1, 1, 2, 2]) as NdArray;

describe.each(Object.entries(calls))('%s', (_, call) => {
  test('of float32 is compiled, of float64 the reference', () => {
    const run = vi.spyOn(currentPool(), 'run');
    call(new Float32Array(4), kernels);
    expect(run).toHaveBeenCalled();
    run.mockClear();
    const [got, expected] = [doubles().fill(0.3), doubles().fill(0.3)];
    call(got, kernels);
    call(expected, js);
    expect(got).toEqual(expected);
    expect(run).not.toHaveBeenCalled();
    run.mockRestore();
  });

  test('of another type is refused, its bits are not read as numbers', () => {
    expect(() => call(halves(), kernels)).toThrow(
      'kernels: numbers are float32, float64 or int32. got Uint16Array',
    );
  });
});

test('those that are not compiled are these', () => {
  const reasons = {
    cumsum: 'no layer calls it',
    max: 'no layer calls it, only the ops max, argmax and logSoftmax',
  };
  const left = Object.keys(js).filter((name) => !Object.hasOwn(wrappers, name));
  expect(left.sort()).toEqual(Object.keys(reasons));
});
