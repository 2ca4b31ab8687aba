import { afterEach, describe, expect, test } from 'vitest';
import { ConvBackbone, DETR, detrLosses, type ImageObjects } from '../../models/index.ts';
import { backward } from '../../src/autograd/index.ts';
import { type NestedArray, setDefaultDtype, tensor } from '../../src/tensor/index.ts';
import { expectClose, golden } from '../support/golden.ts';

interface LossCase {
  logits: NestedArray;
  boxes: NestedArray;
  objects: ImageObjects[];
  loss: number;
  gradients: { logits: NestedArray; boxes: NestedArray };
}
interface Golden {
  size: {
    classes: number; queries: number; width: number; heads: number; hidden: number;
    encoderLayers: number; decoderLayers: number; dropout: number;
  }; // biome-ignore format: two lines read better
  widths: number[];
  images: NestedArray;
  objects: ImageObjects[];
  logits: NestedArray;
  boxes: NestedArray;
  loss: number;
  parameters: Record<string, NestedArray>;
  gradients: Record<string, NestedArray>;
  losses: Record<string, LossCase>;
}

const all = golden<Golden>('detr');
const precisions = [
  ['float64', 1e-9],
  ['float32', 1e-5],
] as const;

afterEach(() => setDefaultDtype('float32'));

test.each(precisions)(
  'in %s, the predictions of every layer, the loss and every gradient are those of PyTorch',
  (dtype, tolerance) => {
    setDefaultDtype(dtype);
    const model = new DETR({ ...all.size, backbone: new ConvBackbone(3, all.widths) });
    const state = Object.entries(all.parameters).map(([name, values]) => [name, tensor(values)] as const);
    model.loadStateDict(new Map([...model.stateDict(), ...state])); // buffers as they start
    const images = tensor(all.images);
    const { logits, boxes } = model.layers(images);
    expectClose(logits, all.logits, tolerance, 'logits');
    expectClose(boxes, all.boxes, tolerance, 'boxes');
    const loss = model.loss(images, all.objects);
    expectClose(loss.item(), all.loss, tolerance, 'loss');
    backward(loss);
    const names = model.namedParameters().map(([name]) => name);
    expect(names.sort()).toEqual(Object.keys(all.gradients).sort());
    for (const [name, parameter] of model.namedParameters()) {
      expectClose(parameter.grad!, all.gradients[name]!, tolerance, name);
    }
  },
);

describe.each(Object.entries(all.losses))('the loss of %s', (_, expected) => {
  test.each(precisions)('in %s, and its gradients, are those of PyTorch', (dtype, tolerance) => {
    setDefaultDtype(dtype);
    const logits = tensor(expected.logits, { requiresGrad: true });
    const boxes = tensor(expected.boxes, { requiresGrad: true });
    const { total } = detrLosses({ logits, boxes }, expected.objects);
    expectClose(total.item(), expected.loss, tolerance, 'loss');
    backward(total);
    expectClose(logits.grad!, expected.gradients.logits, tolerance, 'logits');
    expectClose(boxes.grad!, expected.gradients.boxes, tolerance, 'boxes');
  });
});
