import { describe, expect, test } from 'vitest';
import { Conformer, type SpeechBatch } from '../../models/conformer.ts';
import { AdamW, decayGroups } from '../../optimizers/index.ts';
import { backward, noGrad } from '../../src/autograd/index.ts';
import { padFrames } from '../../src/data/index.ts';
import { BatchNorm, ConvolutionalSubsampling } from '../../src/nn/index.ts';
import { select, slice } from '../../src/ops/index.ts';
import { full, manualSeed, randn, Tensor, zeros } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

const size = { vocabSize: 6, mels: 8, layers: 2, heads: 2, width: 8, channels: 4, kernel: 5, dropout: 0 };

/** A model none of whose numbers are still what they start as: biases, too, are heard. */
function newModel(): Conformer {
  manualSeed(5);
  const model = new Conformer(size);
  for (const [, kept] of [...model.namedParameters(), ...model.namedBuffers()]) {
    const noise = randn(kept.shape).toTypedArray();
    for (let i = 0; i < kept.size; i++) kept.data[i] = Math.abs(kept.data[i]! + 0.3 * noise[i]!);
  }
  return model;
}
const sounds = [21, 13, 34, 8, 30].map((T) => randn([T, size.mels]));

/** The batch with `more` frames of rubbish behind the longest, and rubbish in all padding. */
function withRubbish({ features, frames }: SpeechBatch, more: number, rubbish: number): SpeechBatch {
  const [B, T, M] = features.shape as [number, number, number];
  const padded = full([B, T + more, M], rubbish);
  for (const [b, count] of frames!.entries()) {
    const real = slice(select(features, 0, b), { axis: 0, end: count }).toTypedArray();
    padded.data.set(real, b * (T + more) * M);
  }
  return { features: padded, frames };
}

/** What a model says of the real frames of each sequence, and what it learns from them. */
function heard(model: Conformer, batch: SpeechBatch) {
  const said = noGrad(() => {
    const { logProbabilities, frames } = model.forward(batch);
    return frames.map((count, b) => slice(select(logProbabilities, 0, b), { axis: 0, end: count }).toArray());
  });
  const targets = Array.from({ length: batch.features.shape[0]! }, (_, b) => [1 + (b % 5), 2]);
  model.zeroGrad();
  const loss = model.loss(batch, targets);
  backward(loss);
  const gradients = model.namedParameters().map(([name, { grad }]) => [name, grad!.toArray()] as const);
  return { said, loss: loss.item(), gradients };
}

/** Nested arrays as a tensor. */
function flat(values: unknown): Tensor {
  const shape: number[] = [];
  for (let at = values; Array.isArray(at); at = at[0]) shape.push(at.length);
  return Tensor.over(Float32Array.from((values as unknown[]).flat(9) as number[]), shape);
}

describe('padding has no influence', () => {
  test('evaluation: each sequence alone says what it says in a batch of several lengths', () => {
    const model = newModel().eval();
    const together = heard(model, padFrames(sounds)).said;
    for (const [b, sound] of sounds.entries()) {
      const alone = heard(model, padFrames([sound])).said[0];
      expectClose(flat(alone), together[b]!, 1e-6, `sequence ${b}`);
    }
  });

  test.each([
    ['evaluation', false, 0],
    ['evaluation', false, 9],
    ['evaluation', false, Number.NaN],
    ['training', true, 9],
    ['training', true, Number.POSITIVE_INFINITY],
  ])('%s: more of it, or other numbers in it, change no output and no gradient', (_, training, rubbish) => {
    const batch = padFrames(sounds);
    const expected = heard(newModel().train(training), batch);
    for (const more of [0, 1, 2, 7]) {
      const got = heard(newModel().train(training), withRubbish(batch, more, rubbish));
      for (const [b, rows] of expected.said.entries())
        expectClose(flat(got.said[b]), rows, 1e-6, `sequence ${b}`);
      expect(got.loss).toBeCloseTo(expected.loss, 5);
      for (const [i, [name, gradient]] of expected.gradients.entries())
        expectClose(flat(got.gradients[i]![1]), gradient, 2e-5, name);
    }
  });

  test('training: the statistics of BatchNorm are those of the real frames', () => {
    const statistics = (more: number) => {
      const model = newModel().train();
      noGrad(() => model.forward(withRubbish(padFrames(sounds), more, 9)));
      return model
        .namedModules()
        .flatMap(([, part]) =>
          part instanceof BatchNorm ? [part.runningMean.toArray(), part.runningVariance.toArray()] : [],
        );
    };
    for (const [i, expected] of statistics(0).entries()) expectClose(flat(statistics(40)[i]), expected, 1e-6);
  });
});

describe('subsampling', () => {
  test('four frames become one, of any length', () => {
    const layer = new ConvolutionalSubsampling(7, 5, 3);
    for (const [T, expected] of [
      [1, 1],
      [4, 1],
      [5, 2],
      [8, 2],
      [9, 3],
      [33, 9],
    ] as const) {
      // biome-ignore format: a row
      const { x, frames, keyPaddingMask } = layer.forward(randn([2, T, 7]), [T, 1]);
      expect(x.shape).toEqual([2, expected, 5]);
      expect(frames).toEqual([expected, 1]);
      expect(keyPaddingMask.toArray()).toEqual([
        new Array(expected).fill(0),
        [0, ...new Array(expected - 1).fill(1)],
      ]);
    }
  });
});

test('overfits a batch, and spells it by both decoders', () => {
  manualSeed(1);
  const model = new Conformer(size);
  const targets = [[1, 2, 2], [3], [5, 4, 1, 2], [], [2, 3]];
  const optimizer = new AdamW(decayGroups(model, { weightDecay: 0 }), { lr: 1e-2 });
  const batch = padFrames(sounds);
  for (let step = 0; step < 150; step++) {
    optimizer.zeroGrad();
    backward(model.loss(batch, targets));
    optimizer.step();
  }
  expect(model.training).toBe(true);
  model.train();
  expect(model.loss(batch, targets).item()).toBeLessThan(0.1);
  const [greedy, beams] = [model.transcribe(batch), model.transcribe(batch, { beams: 4 })];
  expect(greedy).toEqual(targets);
  expect(beams).toEqual(targets);
});

test('a target too long for its frames costs nothing, and is no NaN', () => {
  const model = newModel();
  const batch = { features: randn([2, 8, 8]), frames: [8, 8] };
  const loss = model.loss(batch, [[1, 2, 3, 4, 5], [1]]);
  backward(loss);
  expect(loss.item()).toBeGreaterThan(0);
  expect(model.parameters().every(({ grad }) => grad!.data.every(Number.isFinite))).toBe(true);
});

test.each<[string, () => unknown, string]>([
  ['bands', () => new Conformer(size).forward({ features: zeros([1, 9, 7]) }), 'Conformer: features are (B, T, 8). got (1, 9, 7).'], // biome-ignore format: a table
  ['frames', () => new Conformer(size).forward({ features: zeros([1, 9, 8]), frames: [10] }), 'frames are 1 whole numbers from 1 to 9. got [10].'], // biome-ignore format: a table
  [
    'no frames',
    () => new Conformer(size).forward({ features: zeros([2, 9, 8]), frames: [9, 0] }),
    'got [9,0]',
  ],
  ['even kernel', () => new Conformer({ ...size, kernel: 4 }), 'the size of a window is odd. got 4.'],
  ['heads', () => new Conformer({ ...size, heads: 3 }), 'heads divide the width'],
  ['option', () => new Conformer({ ...size, layer: 3 } as never), 'did you mean "layers"?'],
  ['beams', () => new Conformer(size).transcribe({ features: zeros([1, 9, 8]) }, { beams: -1 }), 'beams is a whole number ≥'], // biome-ignore format: a table
])('refuses bad input: %s', (_, use, message) => {
  expect(use).toThrow(message);
});
