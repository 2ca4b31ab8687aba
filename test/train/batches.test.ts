/** Training and evaluation on batches that are not tokens. */
import { beforeEach, describe, expect, test } from 'vitest';
import { AdamW } from '../../optimizers/index.ts';
import { noGrad } from '../../src/autograd/index.ts';
import { Linear, Module } from '../../src/nn/index.ts';
import { argmax, crossEntropy, mse, relu } from '../../src/ops/index.ts';
import { manualSeed, randomStream, type Tensor, tensor } from '../../src/tensor/index.ts';
import { evaluateLoss, type StepEvent, Trainer } from '../../src/train/index.ts';

beforeEach(() => manualSeed(8));

/** Pictures of SIZE × SIZE numbers: noise, and a bright row or column, which is the label. */
interface Pictures {
  readonly images: Tensor;
  readonly labels: Tensor;
}
const SIZE = 4;

function pictures(count: number): Pictures {
  const random = randomStream('pictures');
  const labels = Array.from({ length: count }, () => Math.floor(random() * 2 * SIZE));
  const image = (label: number) =>
    Array.from({ length: SIZE * SIZE }, (_, i) => {
      const line = label < SIZE ? Math.floor(i / SIZE) : SIZE + (i % SIZE);
      return 0.3 * random() + (line === label ? 1 : 0);
    });
  return { images: tensor(labels.map(image)), labels: tensor(labels, { dtype: 'int32' }) };
}

class Classifier extends Module {
  readonly inner = new Linear(SIZE * SIZE, 24);
  readonly outer = new Linear(24, 2 * SIZE);

  forward(images: Tensor): Tensor {
    const h = relu(this.inner.forward(images));
    return this.outer.forward(h);
  }
}

describe('pictures with labels', () => {
  const lossWith =
    (model: Classifier) =>
    ({ images, labels }: Pictures) =>
      crossEntropy(model.forward(images), labels);
  const units = ({ images }: Pictures) => images.shape[0]!;

  test('are learned to a loss below 0.02, counted, and told apart', async () => {
    const model = new Classifier();
    const events: StepEvent[] = [];
    const [optimizer, loss] = [new AdamW(model.parameters(), { lr: 1e-2 }), lossWith(model)];
    const hooks = [(event: StepEvent) => void events.push(event)];
    const nextBatch = () => pictures(16);
    await new Trainer({ model, optimizer, nextBatch, loss, units, steps: 200, accumulate: 2, hooks }).run();
    expect(events[0]!.loss).toBeGreaterThan(1.9); // ln 8 = 2.08
    expect(events.at(-1)!.loss).toBeLessThan(0.02);
    expect(events.map((event) => event.units)).toEqual(new Array(200).fill(32));
    const batches = [pictures(10), pictures(3)];
    expect(evaluateLoss(model, batches, { loss, units })).toBeLessThan(0.03);
    const { images, labels } = pictures(200);
    expect(noGrad(() => argmax(model.forward(images), -1)).toArray()).toEqual(labels.toArray());
  });

  test('evaluateLoss weights each batch by its units, in evaluation mode, and keeps the mode', () => {
    const model = new Classifier();
    const batches = [pictures(7), pictures(2), pictures(1)];
    const modes: boolean[] = [];
    const loss = (batch: Pictures) => {
      modes.push(model.training);
      return lossWith(model)(batch);
    };
    const whole = batches.reduce((sum, batch) => sum + units(batch) * lossWith(model)(batch).item(), 0) / 10;
    expect(evaluateLoss(model, batches, { loss, units })).toBeCloseTo(whole, 12);
    expect(modes).toEqual([false, false, false]);
    expect(model.training).toBe(true);
    expect(() => evaluateLoss(model, [], { loss, units })).toThrow(
      'evaluateLoss: there is at least one unit to evaluate. got 0.',
    );
    expect(() => evaluateLoss(model, batches, { units })).toThrow(
      'evaluateLoss: model is a module with a method loss(inputs, targets). got Classifier. for batches of another kind, give loss: (batch) => ….',
    );
    expect(() => evaluateLoss(model, batches, { loss } as never)).toThrow(
      'evaluateLoss: units is given. got nothing.',
    );
  });

  test('without a way to count them, or to find their loss, are an error', async () => {
    const model = new Classifier();
    const common = {
      model,
      optimizer: new AdamW(model.parameters()),
      nextBatch: () => pictures(2),
      steps: 1,
    };
    await expect(new Trainer({ ...common, loss: lossWith(model) }).run()).rejects.toThrow(
      'Trainer: a batch has inputs that are tokens, or have some. got { images: …, labels: … }. give units',
    );
    expect(() => new Trainer({ ...common, loss: 3 } as never)).toThrow('Trainer: loss is a function. got 3.');
    expect(() => new Trainer({ ...common, units: 3 } as never)).toThrow(
      'Trainer: units is a function. got 3.',
    );
  });
});

test('a model that knows its loss takes inputs and targets of any kind', async () => {
  class Regression extends Linear {
    loss(inputs: Tensor, targets: Tensor): Tensor {
      return mse(this.forward(inputs), targets);
    }
  }
  const model = new Regression(2, 1);
  const random = randomStream('numbers');
  const nextBatch = () => {
    const rows = Array.from({ length: 8 }, () => [random(), random()] as const);
    return {
      inputs: tensor(rows.map((row) => [...row])),
      targets: tensor(rows.map(([a, b]) => [3 * a - 2 * b + 1])),
    };
  };
  const units = ({ inputs }: { inputs: Tensor }) => inputs.shape[0]!;
  await new Trainer({
    model,
    optimizer: new AdamW(model.parameters(), { lr: 3e-2, weightDecay: 0 }),
    nextBatch,
    units,
    steps: 600,
  }).run();
  expect(evaluateLoss(model, [nextBatch()], { units })).toBeLessThan(1e-6);
  expect(model.weight.toArray()).toEqual([[expect.closeTo(3, 2), expect.closeTo(-2, 2)]]);
});
