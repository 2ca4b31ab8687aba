import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Captioner, FilmClassifier, FilmEncoder } from '../../models/index.ts';
import { AdamW } from '../../optimizers/index.ts';
import { backward, noGrad } from '../../src/autograd/index.ts';
import { beamSearch } from '../../src/generation/index.ts';
import '../../src/fluent.ts';
import { concat, crossEntropy, logSoftmax, select, slice } from '../../src/ops/index.ts';
import {
  type FloatArray,
  manualSeed,
  rand,
  randomStream,
  type Tensor,
  tensor,
} from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeEach(() => manualSeed(5));

const film = { input: [4, 4, 6, 3], patch: [2, 2, 3], width: 16, heads: 2, layers: 1 };
const size = { ...film, vocabSize: 9, context: 8, decoderLayers: 2 };
const [START, STOP] = [1, 2];
const ids = (...rows: number[][]) => tensor(rows, { dtype: 'int32' });
const evaluated = () => new Captioner(size).eval();

describe('Captioner', () => {
  test('GELU sees and GLU writes; the hidden width of the gates is two thirds', () => {
    const model = evaluated();
    const shapes = new Map(model.namedParameters().map(([name, { shape }]) => [name, shape]));
    expect(shapes.get('encoder.blocks.0.feedForward.expand.weight')).toEqual([64, 16]);
    expect(shapes.get('decoder.0.feedForward.expand.weight')).toEqual([2 * 43, 16]);
    expect(shapes.get('decoder.0.feedForward.contract.weight')).toEqual([16, 43]);
    expect(model.encoder.grid).toEqual([2, 2, 2]);
  });

  test('padding changes nothing, whatever it holds', () => {
    const model = evaluated();
    const films = rand([2, ...film.input]);
    const alone = model.forward({ films: slice(films, { axis: 0, end: 1 }), words: ids([1, 4, 6]) });
    const losses = [0, 5].map((filler) => {
      const batch = { films, words: ids([1, 4, 6, filler, filler], [1, 7, 3, 5, 4]) };
      expectClose(
        slice(model.forward(batch), { axis: 0, end: 1 }, { axis: 1, end: 3 }),
        alone.toArray(),
        1e-5,
      );
      return model.loss(batch, ids([4, 6, 2, -100, -100], [-100, -100, -100, -100, -100])).item();
    });
    expect(losses[0]).toBe(losses[1]);
    expect(losses[0]).toBeCloseTo(crossEntropy(alone, ids([4, 6, 2])).item(), 5);
  });

  test('a word depends on those before it and not on those after, and on every part of the film', () => {
    const model = evaluated();
    const films = rand([1, ...film.input]);
    const logits = (words: number[], seen = films) => model.forward({ films: seen, words: ids(words) });
    const [a, b] = [logits([1, 3, 4, 5]), logits([1, 3, 7, 8])];
    expectClose(slice(a, { axis: 1, end: 2 }), slice(b, { axis: 1, end: 2 }).toArray(), 1e-6);
    expect(select(a, 1, 3).toArray()).not.toEqual(select(b, 1, 3).toArray());
    for (let i = 0; i < films.size; i += 7) {
      const other = tensor(films.toArray());
      other.data[i]! += 1;
      expect(select(logits([1, 3, 4, 5], other), 1, 0).toArray()).not.toEqual(select(a, 1, 0).toArray());
    }
  });

  test('time, rows and columns are told apart: exchanged along any axis, a film is another', () => {
    const encoder = new FilmEncoder(film).eval();
    const films = rand([1, ...film.input]);
    const mean = (x: Tensor) => encoder.forward(x).mean(1).toArray();
    for (const axis of [1, 2, 3]) {
      const half = films.shape[axis]! / 2;
      const halves = [slice(films, { axis, start: half }), slice(films, { axis, end: half })];
      const [a, b] = [mean(films), mean(concat(halves, axis))] as [number[][], number[][]];
      expect(Math.max(...a[0]!.map((value, i) => Math.abs(value - b[0]![i]!)))).toBeGreaterThan(1e-3);
    }
  });

  test('cross attention is over the patches, and one row for each word', () => {
    const model = evaluated();
    const batch = { films: rand([2, ...film.input]), words: ids([1, 4, 5], [1, 6, 0]) };
    for (const layer of [0, 1]) {
      const weights = model.crossAttention(batch, layer);
      expect(weights.shape).toEqual([2, 2, 3, 8]);
      expectClose(
        weights.sum(-1),
        Array.from({ length: 2 }, () => Array.from({ length: 2 }, () => [1, 1, 1])),
        1e-6,
      );
    }
    expectClose(model.crossAttention(batch), model.crossAttention(batch, 1).toArray(), 0);
    expect(() => model.crossAttention(batch, 2)).toThrow('crossAttention: there are 2 layers. got layer 2.');
    expect(() => model.crossAttention(batch, -1)).toThrow('there are 2 layers');
  });

  test('bad input is an error, before anything is computed', () => {
    const model = evaluated();
    const films = rand([1, ...film.input]);
    expect(() => new Captioner({ ...size, head: 2 } as typeof size)).toThrow('"head". did you mean "heads"?');
    expect(() => new FilmEncoder({ ...film, patch: [2, 3, 3] })).toThrow(
      'FilmEncoder: the patch divides the input along every axis but that of the channels. got input (4, 4, 6, 3)',
    );
    expect(() => new FilmEncoder({ ...film, patch: [2, 3] })).toThrow('the patch divides the input');
    expect(() => model.see(rand([1, 4, 6, 4, 3]))).toThrow(
      'FilmEncoder: the input is (B, 4, 4, 6, 3). got (1, 4, 6, 4, 3).',
    );
    expect(() => model.forward({ films, words: ids(Array(9).fill(1)) })).toThrow(
      'to the context, 8. got (1, 9)',
    );
    const search = { start: START, stop: STOP };
    expect(() => model.caption(rand([2, ...film.input]), search)).toThrow(
      'caption: there is one film. got (2,',
    );
    expect(() => model.caption(films, { ...search, stop: 9 })).toThrow(
      'caption: stop is a token below 9. got 9.',
    );
    expect(() => model.captionAll(films, { ...search, maxTokens: 99 })).toThrow(
      'captionAll: maxTokens is a whole number',
    );
    expect(() => model.caption(films, { ...search, beam: 3 } as typeof search)).toThrow(
      'caption: every option is known. got "beam"',
    );
    expect(() => new FilmClassifier(model as unknown as FilmEncoder, { classes: 3 })).toThrow(
      'FilmClassifier: the encoder is a FilmEncoder. got Captioner.',
    );
    expect(() => new FilmClassifier(model.encoder, { classes: 0 })).toThrow('classes');
  });
});

describe('a captioner that has half learned to count', () => {
  // An image with n bright columns is "n times 3, then 4": its captions have different lengths.
  const images = { input: [2, 4, 1], patch: [2, 1], width: 16, heads: 2, layers: 1 };
  const bright = (n: number) =>
    Array.from({ length: 2 }, () => Array.from({ length: 4 }, (_, x) => [x < n ? 1 : 0]));
  const caption = (n: number) => [...Array<number>(n).fill(3), 4];
  const all = tensor([1, 2, 3, 4].map(bright));
  let model: Captioner;

  beforeAll(() => {
    manualSeed(5);
    model = new Captioner({ ...images, vocabSize: 6, context: 8, decoderLayers: 1 });
    const classifier = new FilmClassifier(model.encoder, { classes: 4 });
    const optimizer = new AdamW([{ params: [...model.parameters(), ...classifier.output.parameters()] }], {
      lr: 3e-3,
    });
    const random = randomStream('counts');
    for (let step = 0; step < 80; step++) {
      const n = 1 + Math.floor(4 * random());
      const batch = { films: tensor([bright(n)]), words: ids([START, ...caption(n)]) };
      const loss = model
        .loss(batch, ids([...caption(n), STOP]))
        .add(classifier.loss(batch.films, tensor([n - 1], { dtype: 'int32' })));
      optimizer.zeroGrad();
      backward(loss);
      optimizer.step();
    }
  });

  /** ln p of the word after `written`, about one image alone. */
  const next = (n: number, written: readonly number[]): FloatArray =>
    noGrad(() => {
      const logits = model.eval().forward({ films: tensor([bright(n)]), words: ids([START, ...written]) });
      return logSoftmax(select(select(logits, 0, 0), 0, -1)).toTypedArray() as FloatArray;
    });

  test('writes greedily what is best word by word, alone and with others', () => {
    const search = { start: START, stop: STOP, maxTokens: 7 };
    const expected = [1, 2, 3, 4].map((n) => {
      const written: number[] = [];
      for (;;) {
        const scores = next(n, written);
        const best = scores.indexOf(Math.max(...scores));
        if (best === STOP || written.length === 7) return written;
        written.push(best);
      }
    });
    expect(new Set(expected.map(String)).size).toBeGreaterThan(1);
    model.train();
    expect(model.captionAll(all, search)).toEqual(expected);
    expect([1, 2, 3, 4].map((n) => model.caption(tensor([bright(n)]), search))).toEqual(expected);
    expect(model.training).toBe(true);
  });

  test('with beams is a beam search over its own probabilities', () => {
    for (const n of [1, 2, 3, 4]) {
      const search = { stop: STOP, maxTokens: 6, beams: 3, lengthPenalty: 0.6 };
      const found = beamSearch({ ...search, next: (prefixes) => prefixes.map((p) => next(n, p)) });
      const written = model.caption(tensor([bright(n)]), { start: START, ...search });
      expect(written).toEqual(found.tokens.filter((token) => token !== STOP));
    }
  });
});

test('a classifier trains the encoder it is given, and reads it once if asked to', () => {
  const captioner = new Captioner(size);
  const classifier = new FilmClassifier(captioner.encoder, { classes: 3 });
  expect(classifier.encoder).toBe(captioner.encoder);
  const films = rand([2, ...film.input]);
  expectClose(classifier.forward(films), classifier.classify(captioner.see(films)).toArray(), 0);
  backward(classifier.loss(films, tensor([0, 2], { dtype: 'int32' })));
  expect(captioner.encoder.patches.projection.weight.grad!.abs().sum().item()).toBeGreaterThan(0);
  expect(captioner.tokens.weight.grad).toBeNull();
});
