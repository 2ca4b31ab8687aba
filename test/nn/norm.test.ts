import { afterAll, beforeAll, expect, test } from 'vitest';
import { gradcheck } from '../../src/autograd/index.ts';
import { LayerNorm, type NormName, normLayer, RMSNorm } from '../../src/nn/index.ts';
import { randn, setDefaultDtype, tensor } from '../../src/tensor/index.ts';

beforeAll(() => setDefaultDtype('float64'));
afterAll(() => setDefaultDtype('float32'));

test('RMSNorm: one parameter, a gain; its gradient; its eps', () => {
  const norm = new RMSNorm(6);
  expect(norm.namedParameters().map(([name, { role, shape }]) => [name, role, shape])).toEqual([
    ['gain', 'gain', [6]],
  ]);
  expect(new RMSNorm(6, { gain: false }).parameters()).toEqual([]);
  norm.gain!.data.set([1, 2, 3, 4, 5, 6]);
  gradcheck((x) => norm.forward(x), [randn([2, 6])]);
  expect(new RMSNorm(2).eps).toBe(1e-6);
  expect(new RMSNorm(2, { eps: 3 }).forward(tensor([[1, 1]])).toArray()).toEqual([[0.5, 0.5]]);
});

test('norms by name, each with its own default of eps', () => {
  const layer = normLayer('layerNorm', 4);
  const rms = normLayer('rmsNorm', 4, { bias: true });
  expect([layer, rms]).toEqual([expect.any(LayerNorm), expect.any(RMSNorm)]);
  expect([(layer as LayerNorm).eps, (rms as RMSNorm).eps]).toEqual([1e-5, 1e-6]);
  expect((layer as LayerNorm).bias).not.toBeNull();
  expect(
    normLayer('layerNorm', 4, { bias: false })
      .namedParameters()
      .map(([name]) => name),
  ).toEqual(['gain']);
  for (const name of ['layerNorm', 'rmsNorm'] as const) {
    expect((normLayer(name, 4, { eps: 1e-12 }) as LayerNorm | RMSNorm).eps).toBe(1e-12);
  }
});

test('bad input', () => {
  expect(() => normLayer('rmsnorm' as NormName, 4)).toThrow(
    'normLayer: the norm is known. got "rmsnorm". did you mean "rmsNorm"? known: layerNorm, rmsNorm.',
  );
  expect(() => normLayer('toString' as NormName, 4)).toThrow('the norm is known');
  // @ts-expect-error a misspelt option
  expect(() => normLayer('rmsNorm', 4, { epsilon: 1 })).toThrow(
    'normLayer: every option is known. got "epsilon".',
  );
  expect(() => new RMSNorm(0)).toThrow('RMSNorm: size is a whole number ≥ 1. got 0.');
  // @ts-expect-error there is no bias
  expect(() => new RMSNorm(4, { bias: true })).toThrow('RMSNorm: every option is known. got "bias".');
});
