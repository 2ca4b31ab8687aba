import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Box, ConvBackbone, DETR, DETRDecoderLayer, type ImageObjects } from '../../models/index.ts';
import { backward } from '../../src/autograd/index.ts';
import '../../src/fluent.ts';
import { initXavierUniform, MultiHeadAttention } from '../../src/nn/index.ts';
import { slice, softmax } from '../../src/ops/index.ts';
import { manualSeed, ones, randn, setDefaultDtype, tensor, zeros } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeAll(() => setDefaultDtype('float64'));
afterAll(() => setDefaultDtype('float32'));
beforeEach(() => manualSeed(4));

const size = { classes: 2, queries: 5, width: 8, heads: 2, hidden: 12, encoderLayers: 1, decoderLayers: 2, dropout: 0 }; // biome-ignore format: one line
const newModel = () => new DETR({ ...size, backbone: new ConvBackbone(3, [4, 6]) });
const objects = (...list: [label: number, box: Box][]): ImageObjects => ({
  classes: list.map(([label]) => label),
  boxes: list.map(([, box]) => box),
});
const HALF: Box = [0.5, 0.5, 0.5, 0.5];

describe('positions', () => {
  test('are added to queries and keys, never to values', () => {
    const layer = new MultiHeadAttention(8, { heads: 2, init: initXavierUniform(3) });
    const [x, memory] = [randn([1, 3, 8]), randn([1, 4, 8])];
    const [queryPositions, keyPositions] = [randn([3, 8]), randn([4, 8])];
    const { query, key } = layer;
    const plain = layer.forward(x, { memory });
    for (const positions of [{ queryPositions }, { keyPositions }]) {
      const placed = layer.forward(x, { memory, ...positions }).toTypedArray();
      expect(
        Math.max(...placed.map((value, i) => Math.abs(value - plain.toTypedArray()[i]!))),
      ).toBeGreaterThan(0.01);
    }
    // What is the same everywhere is read the same, whatever the positions.
    const level = ones([1, 4, 8]);
    const read = layer.forward(x, { memory: level, queryPositions, keyPositions });
    expectClose(read, layer.forward(x, { memory: level }).toArray(), 1e-12);
    const weights = layer.weights(x, { memory, queryPositions, keyPositions });
    const [q, k] = [query.forward(x.add(queryPositions)), key.forward(memory.add(keyPositions))];
    const head = { axis: 2, end: 4 };
    const scores = slice(q, head).matmul(slice(k, head).transpose()).mul(0.5);
    expectClose(
      slice(weights, { axis: 1, end: 1 }).contiguous().view([1, 3, 4]),
      softmax(scores).toArray(),
      1e-12,
    );
  });

  test('where the image is the same everywhere, all places see the same: nothing of a query is in a value', () => {
    const layer = new DETRDecoderLayer(8, { heads: 2, hidden: 12, dropout: 0, init: initXavierUniform() });
    const scene = { features: ones([1, 6, 8]), positions: randn([6, 8]) };
    const [first, ...others] = (
      layer.forward(zeros([1, 3, 8]), randn([3, 8]), scene).toArray() as number[][][]
    )[0]!;
    for (const other of others) expectClose(tensor(other), first!, 1e-12);
  });
});

describe('DETR', () => {
  test('reads every pixel of the map, and nothing besides: odd sizes are not padded', () => {
    const weights = newModel().crossAttention(randn([2, 12, 20, 3]));
    expect(weights.shape).toEqual([2, 2, 5, 3, 5]);
    expectClose(weights.sum(-1).sum(-1), ones([2, 2, 5]).toArray(), 1e-12);
  });

  test('every parameter gets a gradient but the key biases, which shift all scores alike', () => {
    const model = newModel();
    backward(model.loss(randn([2, 16, 16, 3]), [objects([0, HALF]), objects([1, [0.2, 0.3, 0.2, 0.4]])]));
    for (const [name, { grad }] of model.namedParameters()) {
      const largest = Math.max(...Array.from(grad!.toTypedArray(), Math.abs));
      // The first layer's places are all 0, and so are their values.
      const none =
        name.endsWith('key.bias') ||
        /decoder\.0\.(selfAttention\.(query|key|value\.weight|output\.weight)|norm1\.gain)/.test(name);
      if (none) expect(largest, name).toBeLessThan(1e-12);
      else expect(largest, name).toBeGreaterThan(1e-6);
    }
  });

  test('what it detects: no label is "no object", the most certain come first, and evaluation mode is left again', () => {
    const model = newModel();
    const found = model.detect(randn([2, 8, 8, 3]));
    expect(model.training).toBe(true);
    for (const list of found) {
      expect(list).toHaveLength(5);
      for (const [i, { label, score, box }] of list.entries()) {
        expect([0, 1]).toContain(label);
        expect(score).toBeLessThanOrEqual(list[i - 1]?.score ?? 1);
        expect(box.every((value) => value > 0 && value < 1)).toBe(true);
      }
    }
  });

  test('refuses options that do not fit', () => {
    const backbone = new ConvBackbone(3, [4]);
    expect(() => new DETR({ ...size, backbone, width: 6, heads: 2 })).toThrow(
      'sinusoidalGrid: channels / 4 is a whole',
    );
    expect(
      () => new DETR({ ...size, backbone, layers: 2 } as typeof size & { backbone: ConvBackbone }),
    ).toThrow('DETR: every option is known. got "layers"');
    expect(() => new ConvBackbone(3, [])).toThrow('ConvBackbone: there is a width for each stage. got [].');
    expect(() => newModel().forward(randn([8, 8, 3]))).toThrow(
      'DETR: images are (B, H, W, channels). got (8, 8, 3).',
    );
  });
});
