import { beforeEach, describe, expect, test } from 'vitest';
import { MLPMixer, type MLPMixerOptions, ViT, type ViTOptions } from '../../models/index.ts';
import { AdamW, decayGroups, decayGroupsByDimension } from '../../optimizers/index.ts';
import { backward, noGrad } from '../../src/autograd/index.ts';
import { glyphs } from '../../src/corpora/index.ts';
import { imageBatch, mixup } from '../../src/data/index.ts';
import { crossEntropy, mean } from '../../src/ops/index.ts';
import { manualSeed, randn, type Tensor, tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeEach(() => manualSeed(3));

const size = { imageSize: [8, 12], patchSize: 4, classes: 3, channels: 2, layers: 2, width: 16 } as const;
const vit = (options: Partial<ViTOptions> = {}) => new ViT({ ...size, heads: 2, initStd: 0.3, ...options });
const mixer = (options: Partial<MLPMixerOptions> = {}) => new MLPMixer({ ...size, ...options });
const labels = (...values: number[]) => tensor(values, { dtype: 'int32' });

describe.each([
  ['ViT', vit],
  ['MLPMixer', mixer],
] as const)('%s', (_, build) => {
  test('overfits one batch', () => {
    const model = build({ imageSize: 28, channels: 1, classes: 10 });
    const { inputs, targets } = imageBatch(glyphs({ count: 10 }), [...Array(10).keys()]);
    const optimizer = new AdamW(decayGroups(model, { weightDecay: 0 }), { lr: 5e-3 });
    let last = Number.POSITIVE_INFINITY;
    for (let step = 0; step < 80; step++) {
      const loss = model.loss(inputs, targets);
      optimizer.zeroGrad();
      backward(loss);
      optimizer.step();
      last = loss.item();
    }
    expect(last).toBeLessThan(0.1);
  });

  test('gives every parameter a gradient, of classes and of mixtures alike', () => {
    const model = build();
    if (model instanceof MLPMixer) model.head.weight.data.fill(0.1); // it starts at 0 and lets nothing through
    const batch = mixup(
      { inputs: randn([4, 8, 12, 2]), targets: labels(0, 1, 2, 0) },
      { classes: 3, alpha: 1 },
    );
    backward(model.loss(batch.inputs, batch.targets));
    const still = model.namedParameters().filter(([, { grad }]) => !grad!.data.some((x) => x !== 0));
    expect(still.map(([name]) => name)).toEqual([]);
  });

  test('label smoothing is that of crossEntropy', () => {
    const model = build({ labelSmoothing: 0.2 });
    const [images, targets] = [randn([2, 8, 12, 2]), labels(1, 2)];
    const expected = noGrad(() =>
      crossEntropy(model.forward(images), targets, { labelSmoothing: 0.2 }).item(),
    );
    expect(model.loss(images, targets).item()).toBe(expected);
  });

  test('decays by role what it decays by dimension', () => {
    const model = build();
    const [byRole, byDimension] = [decayGroups, decayGroupsByDimension].map((rule) =>
      rule(model, { weightDecay: 0.1 }),
    );
    expect(byRole![0]!.params).toEqual(byDimension![0]!.params);
  });

  test.each<[string, Partial<ViTOptions & MLPMixerOptions>, string]>([
    [
      'patches that do not fit',
      { patchSize: 5 },
      'height and width of the images are multiples of patchSize. got images of 8×12 and patches of 5.',
    ],
    ['no classes', { classes: 0 }, 'classes is a whole number ≥ 1. got 0.'],
    ['option', { layer: 2 } as never, 'did you mean "layers"?'],
  ])('refuses bad options: %s', (_, options, message) => {
    expect(() => build(options)).toThrow(message);
  });

  test('refuses images of another size, and rows for columns', () => {
    const forward = (shape: number[]) => () => build().forward(randn(shape));
    expect(forward([2, 12, 8, 2])).toThrow('images are (B, 8, 12, 2). got Tensor of shape (2, 12, 8, 2).');
    expect(forward([8, 12, 2])).toThrow('got Tensor of shape (8, 12, 2).');
  });
});

describe('what a ViT sees', () => {
  test('every patch and its place, and every token of the image', () => {
    const model = vit().eval();
    const image = randn([1, 8, 12, 2]);
    const logits = (x: Tensor) => noGrad(() => model.forward(x).toTypedArray());
    const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!)));
    const start = logits(image);
    for (let at = 0; at < image.size; at += 37) {
      const other = tensor(image.toArray());
      other.data[at]! += 1;
      expect(distance(start, logits(other)), `pixel ${at}`).toBeGreaterThan(1e-4);
    }
    // the upper and the lower half exchanged: the same patches in other places
    const halves = image.toArray() as number[][][][];
    const exchanged = [[...halves[0]!.slice(4), ...halves[0]!.slice(0, 4)]];
    expect(distance(start, logits(tensor(exchanged)))).toBeGreaterThan(1e-3);
  });

  test('attention rollout shares out what is not the class token’s own, and looks where queries look', () => {
    const model = vit({ layers: 1, heads: 1 });
    const [block] = model.blocks.items;
    // Scores 0: attention is even, and one block leaves 1/2 + 1/2·1/7 in the class token.
    block!.attention.query.weight.data.fill(0);
    const even = model.rollout(randn([2, 8, 12, 2]));
    expect(even.shape).toEqual([2, 2, 3]);
    for (const share of even.toTypedArray()) expect(share).toBeCloseTo(1 / 14, 6);
    // After two, a patch has half of the 1/14 it had, and half of the seventh that every token gives to all.
    const two = vit({ layers: 2, heads: 2 });
    for (const { attention } of two.blocks) attention.query.weight.data.fill(0);
    for (const share of two.rollout(randn([1, 8, 12, 2])).toTypedArray())
      expect(share).toBeCloseTo(3 / 28, 6);
    // Any weights: r = e₀·(A₂ + I)/2·(A₁ + I)/2, the last block first.
    const any = vit();
    const x = randn([1, 8, 12, 2]);
    const seen: number[][][] = [];
    for (const { attention } of any.blocks) {
      const weights = attention.weights.bind(attention);
      attention.weights = (...given) => {
        const A = weights(...given);
        seen.push((mean(A, 1).toArray() as number[][][])[0]!);
        return A;
      };
    }
    const rolled = any.rollout(x);
    const [first, last] = seen.map((A) => A.map((row, i) => row.map((w, j) => (w + Number(i === j)) / 2)));
    const expected = first!.map((_, j) =>
      last![0]!.reduce((sum, share, i) => sum + share * first![i]![j]!, 0),
    );
    expectClose(rolled, [[expected.slice(1, 4), expected.slice(4)]], 1e-6);
    // A patch that the class token's query meets, and no other does.
    const far = vit({ layers: 1, heads: 1 });
    const { attention } = far.blocks.at(0)!;
    const patch = 4; // row 1, column 1
    far.positions.data.fill(0);
    far.classToken.data.fill(0);
    far.patches.projection.weight.data.fill(0);
    for (let c = 0; c < 16; c++) far.positions.data[(1 + patch) * 16 + c] = c % 2 === 0 ? 5 : -5;
    for (const projection of [attention.query, attention.key]) projection.weight.data.fill(0);
    attention.query.bias!.data.fill(0);
    attention.query.bias!.data[0] = 40;
    attention.key.weight.data[0] = 4; // key channel 0 is that of the patch alone
    const shares = (far.rollout(randn([1, 8, 12, 2])).toArray() as number[][][])[0]!;
    expect(shares[1]![1]).toBeCloseTo(0.5, 4);
    expect(shares.flat().filter((share) => share > 1e-4)).toHaveLength(1);
  });
});

describe('what an MLP-Mixer mixes', () => {
  test('tokens by width/2 hidden units and channels by 4·width, unless told otherwise', () => {
    const shapes = ({ tokens, channels }: MLPMixer['blocks']['items'][number]) =>
      [tokens, channels].flatMap(({ expand, contract }) => [expand.weight.shape, contract.weight.shape]);
    // 6 tokens and 16 channels
    expect(shapes(mixer().blocks.at(0)!)).toEqual([
      [8, 6],
      [6, 8],
      [64, 16],
      [16, 64],
    ]);
    const other = mixer({ tokenHidden: 5, channelHidden: 7 }).blocks.at(1)!;
    expect(shapes(other)).toEqual([
      [5, 6],
      [6, 5],
      [7, 16],
      [16, 7],
    ]);
  });

  test('starts with equal chances for all classes: its head is 0', () => {
    const model = mixer();
    expect(model.loss(randn([2, 8, 12, 2]), labels(0, 2)).item()).toBeCloseTo(Math.log(3), 6);
  });

  test('every block mixes all tokens of a channel alike: channels exchanged in, exchanged out', () => {
    const block = mixer().blocks.at(0)!;
    block.channels.contract.weight.data.fill(0); // the mixing of tokens alone
    const x = randn([1, 6, 16]);
    const reversed = (t: Tensor) => (t.toArray() as number[][][])[0]!.map((token) => token.toReversed());
    const there = noGrad(() => reversed(block.forward(x)));
    const back = noGrad(() => (block.forward(tensor([reversed(x)])).toArray() as number[][][])[0]!);
    there.flat().forEach((value, i) => {
      expect(back.flat()[i]).toBeCloseTo(value, 5);
    });
  });
});
