/** Averages of weights against PyTorch's: see test/golden/muon.py. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import { EMA, type EMAOptions, SGD } from '../../optimizers/index.ts';
import { randomBatch } from '../../src/data/index.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { manualSeed, randn, Tensor, tensor } from '../../src/tensor/index.ts';
import { evaluateLoss, Trainer } from '../../src/train/index.ts';
import { golden } from '../support/golden.ts';

interface Recorded {
  shapes: number[][];
  start: number[][];
  ema: { options: EMAOptions; averages: number[][][] }[];
}
const recorded = golden<Recorded>('muon');

const parameter = (values: number[]) =>
  new Parameter(tensor(values, { dtype: 'float64' }), { role: 'weight' });
const averagesOf = (ema: EMA) => [...ema.stateDict().tensors.values()].flatMap(({ data }) => [...data]);
const weights = (...parameters: Parameter[]) => parameters.flatMap(({ data }) => [...data]);

test.each(recorded.ema)('averages with $options', ({ options, averages }) => {
  const parameters = recorded.start.map(
    (values, i) =>
      new Parameter(Tensor.over(tensor(values, { dtype: 'float64' }).data, recorded.shapes[i]!), {
        role: 'weight',
      }),
  );
  const [optimizer, ema] = [new SGD(parameters, { lr: 0.1 }), new EMA(parameters, options)];
  for (const [t, expected] of averages.entries()) {
    for (const p of parameters)
      p.grad = Tensor.over(
        p.data.map((w) => Math.sin(3 * w + t) + w / 2),
        p.shape,
      );
    optimizer.step();
    ema.update();
    const got = averagesOf(ema);
    expect(
      Math.max(...expected.flat().map((value, i) => Math.abs(value - got[i]!))),
      `step ${t}`,
    ).toBeLessThan(1e-13);
  }
});

test('of weights that stay the same they are the average, with bias correction and without', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 1 }),
      fc.boolean(),
      (values, biasCorrection) => {
        const p = parameter(values);
        const ema = new EMA([p], { decay: 0.9, biasCorrection });
        for (let i = 0; i < 5; i++) ema.update();
        expect(averagesOf(ema).map((x) => x + 0)).toEqual(weights(p).map((x) => x + 0)); // −0 may become 0
      },
    ),
  );
});

describe('for evaluation', () => {
  test('they stand in for the weights, which then come back with the very bits', () => {
    const p = parameter([1, 0.1]);
    const ema = new EMA([p, p], { decay: 0.5 });
    ema.update();
    p.data.set([3, 0.3]);
    ema.update();
    const { version } = p.storage;
    expect(ema.apply(() => weights(p))).toEqual([2, expect.closeTo(0.2, 14)]);
    expect(weights(p)).toEqual([3, 0.3]);
    expect(() => ema.apply(() => JSON.parse('{'))).toThrow();
    expect(() => ema.apply(async () => 1)).toThrow('EMA.apply: the function is synchronous. got a promise.');
    expect(weights(p)).toEqual([3, 0.3]);
    expect(p.storage.version).toBeGreaterThan(version); // a graph that saved the weights finds out
    ema.swap();
    expect(weights(p)[0]).toBe(2);
    for (const method of ['update', 'stateDict'] as const)
      expect(() => ema[method]()).toThrow(
        `EMA.${method}: the weights are in the model. got the averages there, since swap. call swap once more before.`,
      );
    ema.swap();
    expect(weights(p)).toEqual([3, 0.3]);
  });

  test('in a run they change no weight, and score otherwise than the last weights', async () => {
    const tokens = Int32Array.from({ length: 300 }, (_, i) => (i * i) % 7);
    const run = async (averaging: boolean) => {
      manualSeed(2);
      const model = new GPT({ vocabSize: 7, context: 8, layers: 1, heads: 1, width: 8 });
      const ema = new EMA(model.parameters(), { decay: 0.8 });
      const optimizer = new SGD(model.parameters(), { lr: 0.5 });
      const nextBatch = () => randomBatch(tokens, { batchSize: 2, context: 8 });
      const loss = () => evaluateLoss(model, tokens, { context: 8 });
      const scores: number[] = [];
      const hook = () => {
        ema.update();
        scores.push(ema.apply(loss));
      };
      await new Trainer({ model, optimizer, nextBatch, steps: 6, hooks: averaging ? [hook] : [] }).run();
      return { weights: weights(...model.parameters()), scores, last: loss() };
    };
    const [plain, averaged] = [await run(false), await run(true)];
    expect(averaged.weights).toEqual(plain.weights);
    expect(averaged.scores.at(-1)).not.toBe(averaged.last);
    expect(averaged.scores.at(-1)).toBeLessThan(averaged.scores[0]!);
  });
});

describe('a state', () => {
  const make = () => {
    manualSeed(3);
    const parameters = [[2, 3], [4]].map((shape) => new Parameter(randn(shape), { role: 'weight' }));
    return { parameters, ema: new EMA(parameters, { decay: 0.9, biasCorrection: true }) };
  };
  const move = ({ parameters, ema }: ReturnType<typeof make>, steps: number) => {
    for (let i = 0; i < steps; i++) {
      for (const { data } of parameters)
        for (let j = 0; j < data.length; j++) data[j] = Math.sin(3 * data[j]! + j);
      ema.update();
    }
  };

  test('goes on with the same bits', () => {
    const [whole, first, second] = [make(), make(), make()];
    move(whole, 7);
    move(first, 3);
    const saved = first.ema.stateDict();
    for (const [i, { data }] of first.parameters.entries()) second.parameters[i]!.data.set(data);
    move(first, 1); // the saved copy does not follow
    second.ema.loadStateDict(saved);
    move(second, 4);
    expect(second.ema.updates).toBe(7);
    expect(second.ema.stateDict()).toEqual(whole.ema.stateDict());
  });

  test('that does not fit is refused, and nothing changes', () => {
    const one = make();
    move(one, 2);
    const before = one.ema.stateDict();
    const misfits = [
      new SGD(one.parameters).stateDict(),
      { ...before, tensors: new Map([...before.tensors].slice(1)) },
      { ...before, updates: 0.5 },
    ];
    for (const state of misfits)
      expect(() => one.ema.loadStateDict(state)).toThrow(
        'EMA.loadStateDict: the state is that of an EMA of 2 parameters. got { kind: ',
      );
    expect(() =>
      one.ema.loadStateDict({ ...before, tensors: new Map([...before.tensors, ['1', tensor([1])]]) }),
    ).toThrow('EMA.loadStateDict: average 1 is float32 of shape (4). got float32 of shape (1).');
    expect(one.ema.stateDict()).toEqual(before);
  });
});

test.each<[string, () => unknown, string]>([
  ['a decay of 1', () => new EMA([parameter([1])], { decay: 1 }), 'EMA: decay lies in [0, 1). got 1.'],
  ['a model', () => new EMA({} as never), 'EMA: the first argument is a list of parameters. got {}. pass model.parameters().'],
  ['nothing', () => new EMA([]), 'EMA: the first argument is a list of parameters. got [].'],
  ['a tensor', () => new EMA([tensor([1])] as never), 'EMA: the first argument is a list of parameters. got [Tensor'],
])('%s is an error', (_, call, message) => {
  expect(call).toThrow(message);
}); // biome-ignore format: a table
