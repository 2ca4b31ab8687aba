import { afterEach, describe, expect, test } from 'vitest';
import { MLPMixer, type MLPMixerOptions, ViT, type ViTOptions } from '../../models/index.ts';
import { backward } from '../../src/autograd/index.ts';
import { type NestedArray, setDefaultDtype, tensor } from '../../src/tensor/index.ts';
import { expectClose, golden } from '../support/golden.ts';

interface Golden<Options> {
  size: Options;
  images: NestedArray;
  labels: NestedArray;
  logits: NestedArray;
  loss: number;
  parameters: Record<string, NestedArray>;
  gradients: Record<string, NestedArray>;
}

const vit = golden<Golden<ViTOptions>>('vit');
const mixer = golden<Golden<MLPMixerOptions>>('mlpMixer');

afterEach(() => setDefaultDtype('float32'));

describe.each([
  ['ViT', vit, () => new ViT(vit.size)],
  ['MLPMixer', mixer, () => new MLPMixer(mixer.size)],
] as const)('%s equals PyTorch', (_, expected, build) => {
  test.each([
    ['float64', 1e-9],
    ['float32', 1e-5],
  ] as const)('in %s: logits, loss and every gradient', (dtype, tolerance) => {
    setDefaultDtype(dtype);
    const model = build();
    const state = Object.entries(expected.parameters).map(
      ([name, values]) => [name, tensor(values)] as const,
    );
    model.loadStateDict(new Map(state));
    const images = tensor(expected.images);
    expectClose(model.forward(images), expected.logits, tolerance, 'logits');
    const loss = model.loss(images, tensor(expected.labels, { dtype: 'int32' }));
    backward(loss);
    expectClose(loss.item(), expected.loss, tolerance, 'loss');
    const names = model.namedParameters().map(([name]) => name);
    expect(names.sort()).toEqual(Object.keys(expected.gradients).sort());
    for (const [name, parameter] of model.namedParameters()) {
      expectClose(parameter.grad!, expected.gradients[name]!, tolerance, name);
    }
  });
});
