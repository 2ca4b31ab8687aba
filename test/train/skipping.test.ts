import { expect, test } from 'vitest';
import { SGD } from '../../optimizers/index.ts';
import { Module, Parameter } from '../../src/nn/index.ts';
import { mul, sum } from '../../src/ops/index.ts';
import { ones, randomStream, tensor } from '../../src/tensor/index.ts';
import { clipGradNorm, DivergedError, type StepEvent, Trainer } from '../../src/train/index.ts';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

class Weights extends Module {
  readonly w = new Parameter(ones([2]), { role: 'weight' });
}

/** A run whose batches are factors of the loss, Σ w·factor: the one that is not finite makes it so. */
function makeRun(factors: readonly number[], options: { maxSkipped?: number; startSkipped?: number } = {}) {
  const model = new Weights();
  const events: StepEvent[] = [];
  let at = 0;
  const trainer = new Trainer<number>({
    model,
    optimizer: new SGD(model.parameters(), { lr: 0.5 }),
    nextBatch: () => factors[at++]!,
    loss: (factor) => sum(mul(model.w, tensor([factor, 0]))),
    units: () => 1,
    steps: factors.length,
    clip: infinity,
    hooks: [(event) => void events.push(event)],
    ...options,
  });
  return { model, events, trainer };
}

test('a step that is not finite is an error, unless some may be skipped', async () => {
  const { trainer, model, events } = makeRun([1, nan]);
  await expect(trainer.run()).rejects.toThrow('Trainer: the loss is finite. got NaN at step 1. lower');
  expect([...model.w.data]).toEqual([0.5, 1]);
  expect(events.map(({ skipped }) => skipped)).toEqual([false]);
});

test('the error names the op, or the weights, where the trouble begins', async () => {
  await expect(makeRun([1, nan]).trainer.run()).rejects.toThrow(DivergedError);
  await expect(makeRun([1, nan]).trainer.run()).rejects.toThrow(
    'it begins here: mul: its result is finite (detectAnomaly). got NaN in shape (2)',
  );
  const { model, trainer } = makeRun([1, 1]);
  model.w.data[1] = infinity;
  await expect(trainer.run()).rejects.toThrow('it begins here: the weights w are not finite');
});

test('the step that failed is done again with its own random numbers', async () => {
  const { trainer, model } = makeRun([1]);
  const drawn: number[] = [];
  const loss = () => {
    drawn.push(randomStream('dropout')());
    return sum(mul(model.w, tensor([nan, 0])));
  };
  await expect(new Trainer({ ...trainer.options, loss }).run()).rejects.toThrow('it begins here: mul');
  expect(drawn).toHaveLength(2);
  expect(drawn[0]).toBe(drawn[1]);
});

test('skipped steps count, say so, and update nothing', async () => {
  const { trainer, model, events } = makeRun([1, nan, infinity, 1, nan], { maxSkipped: 2 });
  await trainer.run();
  expect(trainer.step).toBe(5);
  expect(events.map(({ skipped }) => skipped)).toEqual([false, true, true, false, true]);
  expect(events.map(({ loss }) => loss)).toEqual([1, nan, infinity, 0.5, nan]);
  expect(events.map(({ gradientNorm }) => Number.isFinite(gradientNorm))).toEqual([true, false, false, true, false]); // biome-ignore format: one line
  expect(model.w.data[0]).toBeCloseTo(0, 5);
  expect(trainer.skipped).toBe(1);
});

test('one more in a row is an error that tells how many there were, also when the run was resumed', async () => {
  const { trainer, events } = makeRun([nan, nan, nan], { maxSkipped: 2 });
  await expect(trainer.run()).rejects.toThrow('got NaN at step 2, after 2 skipped in a row.');
  expect(events).toHaveLength(2);
  const resumed = makeRun([nan, nan], { maxSkipped: 2, startSkipped: 1 });
  await expect(resumed.trainer.run()).rejects.toThrow('got NaN at step 1, after 2 skipped in a row.');
});

test('a finite loss with a gradient that is not finite is skipped, too', async () => {
  const { trainer, model, events } = makeRun([1, 1], { maxSkipped: 1 });
  const { options } = trainer;
  const spoil = () => model.w.grad!.data.set(events.length === 0 ? [infinity] : []);
  await new Trainer({ ...options, afterBackward: spoil }).run();
  expect(events.map(({ loss, skipped }) => [loss, skipped])).toEqual([[1, true], [1, false]]); // biome-ignore format: one line
  expect(model.w.data[0]).toBeCloseTo(0.5, 5);
});

test('clipGradNorm that may not fail returns the norm and scales nothing', () => {
  const parameter = new Parameter(ones([2]), { role: 'weight' });
  parameter.grad = tensor([nan, 5]);
  expect(clipGradNorm([parameter], 1, { errorIfNonfinite: false })).toBeNaN();
  expect([...parameter.grad.data]).toEqual([nan, 5]);
  expect(() => clipGradNorm([parameter], 1)).toThrow('gradients are finite. got NaN');
});

test.each([['maxSkipped', -1], ['startSkipped', 0.5]])('%s %d is refused', (name, value) => {
  expect(() => makeRun([1], { [name]: value })).toThrow(`Trainer: ${name} is a whole number ≥ 0. got ${value}.`);
}); // biome-ignore format: one line
