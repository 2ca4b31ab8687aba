import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import { AdamW, decayGroups, warmupCosine } from '../../optimizers/index.ts';
import { noGrad } from '../../src/autograd/index.ts';
import { randomBatch } from '../../src/data/index.ts';
import { manualSeed, randomState, restoreRandomState, tensor } from '../../src/tensor/index.ts';
import {
  evaluateLoss,
  every,
  type Hook,
  loadCheckpoint,
  type StepEvent,
  saveCheckpoint,
  Trainer,
  type TrainerOptions,
} from '../../src/train/index.ts';

const text = Int32Array.from({ length: 500 }, (_, i) => (i * i + (i >> 3)) % 9);
const STEPS = 12;

/** A run with everything that draws random numbers: initial values, batches, dropout. */
function makeRun(options: Partial<TrainerOptions> = {}) {
  manualSeed(5);
  const model = new GPT({ vocabSize: 9, context: 8, layers: 1, heads: 2, width: 16, dropout: 0.1 });
  const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.1 }), { betas: [0.9, 0.99] });
  const schedule = warmupCosine({ peak: 1e-2, floor: 1e-3, warmup: 3, steps: STEPS });
  const nextBatch = () => randomBatch(text, { batchSize: 4, context: 8 });
  const events: StepEvent[] = [];
  const hooks = [(event: StepEvent) => void events.push(event)];
  const trainer = new Trainer({ model, optimizer, schedule, nextBatch, steps: STEPS, hooks, ...options });
  return { model, optimizer, trainer, events };
}

const losses = (events: StepEvent[]) => events.map(({ loss, gradientNorm, lr }) => [loss, gradientNorm, lr]);

describe('Trainer', () => {
  test('the same seed gives the same losses, norms and weights, bit for bit', async () => {
    const [a, b] = [makeRun(), makeRun()];
    manualSeed(5);
    await a.trainer.run();
    manualSeed(5);
    await b.trainer.run();
    expect(losses(a.events)).toEqual(losses(b.events));
    expect(a.events).toHaveLength(STEPS);
    for (const [name, value] of a.model.stateDict())
      expect(b.model.stateDict().get(name)!.data, name).toEqual(value.data);
  });

  test('a run resumed twice equals one that never stopped, bit for bit', async () => {
    const whole = makeRun();
    await whole.trainer.run();
    const path = join(mkdtempSync(join(tmpdir(), 'trainer-')), 'checkpoint.safetensors');
    const seen: number[][] = [];
    for (const [from, to] of [
      [0, 4],
      [4, 9],
      [9, STEPS],
    ] as const) {
      const run = makeRun({ startStep: from });
      if (from > 0) {
        const saved = await loadCheckpoint(path);
        expect(saved.step).toBe(from);
        run.model.loadStateDict(saved.model);
        run.optimizer.loadStateDict(saved.optimizer as never);
        restoreRandomState(saved.random);
      }
      const stopping = new Trainer({
        ...run.trainer.options,
        hooks: [
          (event: StepEvent) => {
            run.events.push(event);
            if (event.step === to) event.trainer.stop();
          },
        ],
      });
      await stopping.run();
      seen.push(...losses(run.events));
      const [model, optimizer] = [run.model.stateDict(), { ...run.optimizer.stateDict() }];
      await saveCheckpoint(path, { step: to, model, optimizer, random: randomState(), info: {} });
    }
    expect(seen).toEqual(losses(whole.events));
    const { model } = await loadCheckpoint(path);
    for (const [name, value] of whole.model.stateDict())
      expect(model.get(name)!.data, name).toEqual(value.data);
  });

  test('afterBackward changes complete gradients, once in a step, before they are clipped', async () => {
    const plain = makeRun({ steps: 2, accumulate: 2 });
    await plain.trainer.run();
    let calls = 0;
    const quarters = makeRun({
      ...{ steps: 2, accumulate: 2, clip: 1e-3 },
      afterBackward() {
        calls++;
        for (const { grad } of quarters.model.parameters())
          for (let i = 0; i < grad!.size; i++) grad!.data[i]! /= 4;
      },
    });
    await quarters.trainer.run();
    expect(calls).toBe(2);
    expect(quarters.events[0]!.gradientNorm).toBe(plain.events[0]!.gradientNorm / 4);
    const left = quarters.model.parameters().flatMap(({ grad }) => [...grad!.data]);
    expect(Math.hypot(...left)).toBeCloseTo(1e-3, 6);
  });

  test('accumulating two half batches is one whole batch', async () => {
    const rows = [0, 1, 2, 3].map((i) => Array.from(text.subarray(i * 9, i * 9 + 9)));
    const batch = (from: number, to: number) => ({
      inputs: tensor(
        rows.slice(from, to).map((row) => row.slice(0, 8)),
        { dtype: 'int32' },
      ),
      targets: tensor(
        rows.slice(from, to).map((row) => row.slice(1)),
        { dtype: 'int32' },
      ),
    });
    const whole = makeRun({ steps: 1, nextBatch: () => batch(0, 4) });
    let half = 0;
    const halves = makeRun({ steps: 1, accumulate: 2, nextBatch: () => batch(2 * half, 2 * ++half) });
    for (const { model } of [whole, halves])
      for (const [, m] of model.namedModules()) Object.assign(m, { p: 0 });
    whole.model.loadStateDict(halves.model.stateDict());
    await whole.trainer.run();
    await halves.trainer.run();
    expect(halves.events[0]!.loss).toBeCloseTo(whole.events[0]!.loss, 5);
    expect(halves.events[0]!.gradientNorm).toBeCloseTo(whole.events[0]!.gradientNorm, 4);
    expect(halves.events[0]!.units).toBe(32);
  });

  test('hooks run in order and are awaited; `every` also runs after the last step', async () => {
    const calls: string[] = [];
    const slow = async ({ step }: StepEvent) => {
      await new Promise((done) => setTimeout(done, 2));
      calls.push(`slow ${step}`);
    };
    const run = makeRun({
      steps: 5,
      hooks: [slow, every(2, ({ step }) => void calls.push(`every ${step}`))],
    });
    await run.trainer.run();
    expect(calls.join(', ')).toBe('slow 1, slow 2, every 2, slow 3, slow 4, every 4, slow 5, every 5');
  });

  test('stopped at any moment, the run ends with a save, and goes on to the bits of one that never stopped', async () => {
    const whole = makeRun();
    await whole.trainer.run();
    const path = join(mkdtempSync(join(tmpdir(), 'trainer-')), 'checkpoint.safetensors');
    const moments: Record<string, (stop: () => void) => void> = {
      'while the step computes': (stop) => stop(),
      'in a microtask': (stop) => queueMicrotask(stop),
      'when the event loop turns': (stop) => void setImmediate(stop),
      'at a timer': (stop) => void setTimeout(stop, 0),
    };
    const stopAt = async (step: number, moment: string) => {
      const run = makeRun();
      const saves: number[] = [];
      const save = async ({ step }: StepEvent) => {
        saves.push(step);
        const [model, optimizer] = [run.model.stateDict(), { ...run.optimizer.stateDict() }];
        await saveCheckpoint(path, { step, model, optimizer, random: randomState(), info: {} });
      };
      let batches = 0;
      const trainer = new Trainer({
        ...run.trainer.options,
        nextBatch: () => {
          if (++batches === step) moments[moment]!(() => trainer.stop());
          return run.trainer.options.nextBatch();
        },
        hooks: [...run.trainer.options.hooks!, every(5, save)],
      });
      await trainer.run();
      expect(saves.at(-1), `${moment} of step ${step}`).toBe(trainer.step);
      expect(trainer.step).toBeGreaterThanOrEqual(step);
      expect(trainer.stopped).toBe(trainer.step < STEPS);
      const saved = await loadCheckpoint(path);
      const rest = makeRun({ startStep: saved.step });
      rest.model.loadStateDict(saved.model);
      rest.optimizer.loadStateDict(saved.optimizer as never);
      restoreRandomState(saved.random);
      await rest.trainer.run();
      expect(losses([...run.events, ...rest.events])).toEqual(losses(whole.events));
    };
    const cases = fc.tuple(fc.integer({ min: 1, max: STEPS }), fc.constantFrom(...Object.keys(moments)));
    const examples = Object.keys(moments).map((moment): [[number, string]] => [[STEPS, moment]]);
    await fc.assert(
      fc.asyncProperty(cases, ([step, moment]) => stopAt(step, moment)),
      { numRuns: 40, examples },
    );
  });

  test('a hook that draws random numbers can leave out the step of a stop', async () => {
    const calls: number[] = [];
    const hooks = (stopAt: number): Hook[] => [
      (event) => {
        if (event.step === stopAt) event.trainer.stop();
      },
      every(4, ({ step }) => void calls.push(step), { whenStopped: false }),
    ];
    await makeRun({ hooks: hooks(6) }).trainer.run();
    expect(calls.splice(0)).toEqual([4]);
    await makeRun({ hooks: hooks(8) }).trainer.run();
    expect(calls.splice(0)).toEqual([4, 8]);
    await makeRun({ steps: 10, hooks: hooks(10) }).trainer.run();
    expect(calls).toEqual([4, 8, 10]);
  });

  test('learns: the loss of a predictable text falls below a tenth of what it was', async () => {
    const period = Int32Array.from({ length: 400 }, (_, i) => i % 9);
    const run = makeRun({
      steps: 150,
      schedule: () => 1e-2,
      nextBatch: () => randomBatch(period, { batchSize: 8, context: 8 }),
    });
    await run.trainer.run();
    expect(evaluateLoss(run.model, period, { context: 8, stride: 4 })).toBeLessThan(run.events[0]!.loss / 10);
  });

  test('a loss that is not finite stops the run before the weights change', async () => {
    const run = makeRun();
    run.model.tokens.weight.data[0] = Number.NaN;
    const { weight } = run.model.blocks.at(0)!.attention.query;
    const before = weight.toTypedArray();
    await expect(run.trainer.run()).rejects.toThrow('Trainer: the loss is finite. got NaN at step 0');
    expect(weight.data).toEqual(before);
  });
});

describe('evaluateLoss', () => {
  test('is the mean over every target, whatever the batch size, and leaves the mode as it was', () => {
    const { model } = makeRun();
    const part = text.subarray(0, 41);
    const options = { context: 8, stride: 8 };
    const byHand = [0, 1, 2, 3, 4].map((w) => {
      const window = (shift: number) =>
        tensor([Array.from(part.subarray(8 * w + shift, 8 * w + 8 + shift))], { dtype: 'int32' });
      return noGrad(() => model.eval().loss(window(0), window(1)).item());
    });
    model.train();
    const expected = byHand.reduce((total, loss) => total + loss) / 5;
    expect(evaluateLoss(model, part, options)).toBeCloseTo(expected, 5);
    expect(evaluateLoss(model, part, { ...options, batchSize: 3 })).toBeCloseTo(expected, 5);
    expect(model.training && model.blocks.at(0)!.training).toBe(true);
  });
});
