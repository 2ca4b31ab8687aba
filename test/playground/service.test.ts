/** What the page's worker answers: updates number by number, edits, curves, and errors. */
import { describe, expect, test } from 'vitest';
import { optimizerNames } from '../../examples/playground/engine/optimizers.ts';
import { initialRun, type Run } from '../../examples/playground/engine/run.ts';
import { type News, Service } from '../../examples/playground/engine/service.ts';
import type { Update } from '../../examples/playground/engine/update.ts';

const run: Run = { ...initialRun, layers: 1, width: 16, batchSize: 4, steps: 100 };

async function started(given: Partial<Run> = {}) {
  const news: News[] = [];
  const service = new Service((one) => news.push(one));
  const about = await service.start({ ...run, ...given });
  return { service, about, news };
}

/** w − lr·(m̂/(√v̂ + ε) + λw), from the numbers shown. */
function adamW({ before, state, settings, count }: Update, i: number): number {
  const { lr, eps, weightDecay, betas } = settings as Record<string, number> & { betas: [number, number] };
  const m = state.m!.after[i]! / (1 - betas[0] ** count);
  const v = state.v!.after[i]! / (1 - betas[1] ** count);
  return before[i]! - lr! * (m / (Math.sqrt(v) + eps!) + weightDecay! * before[i]!);
}

describe('one step', () => {
  test('is shown with the numbers that made it: m, v, decay or none', async () => {
    const { service } = await started();
    await service.advance(3);
    const updates = await service.update();
    expect(updates.length).toBeGreaterThan(10);
    for (const update of updates) {
      const { gradient, state, settings, role } = update;
      expect(settings.weightDecay).toBe(role === 'gain' || role === 'bias' ? 0 : 0.1);
      expect(update.count).toBe(4);
      const [b1, b2] = settings.betas as [number, number];
      for (let i = 0; i < gradient.length; i += 13) {
        const g = gradient[i]!;
        expect(state.m!.after[i]).toBeCloseTo(b1 * state.m!.before[i]! + (1 - b1) * g, 6);
        expect(state.v!.after[i]).toBeCloseTo(b2 * state.v!.before[i]! + (1 - b2) * g * g, 6);
        expect(update.after[i]).toBeCloseTo(adamW(update, i), 6);
      }
    }
  });

  test.each(optimizerNames)('of %s changes every parameter', async (optimizer) => {
    const { service } = await started({ optimizer });
    for (const { name, before, after } of await service.update()) expect(after, name).not.toEqual(before);
  });
});

test('Muon has the matrices, and AdamW the rest', async () => {
  const { service } = await started({ optimizer: 'muon' });
  for (const { optimizer, role, shape, state } of await service.update()) {
    const isMatrix = role === 'weight' && shape.length === 2;
    expect(optimizer).toBe(isMatrix ? 'muon' : 'adamW');
    expect(Object.keys(state)).toEqual(isMatrix ? ['momentum'] : ['m', 'v']);
  }
});

test('an edited weight moves the loss as its gradient says', async () => {
  const { service } = await started();
  await service.advance(5);
  const { loss, tensors } = await service.look(false);
  const { values, gradient, name } = tensors.find(
    ({ name }) => name === 'blocks.0.feedForward.expand.weight',
  )!;
  const index = gradient!.reduce(
    (best, value, i) => (Math.abs(value) > Math.abs(gradient![best]!) ? i : best),
    0,
  );
  const change = 0.01 * Math.sign(gradient![index]!);
  await service.edit(name, index, values[index]! + change);
  const again = await service.look(false);
  expect(again.loss).toBeGreaterThan(loss);
  expect((again.loss - loss) / change).toBeCloseTo(gradient![index]!, 1);
  expect((await service.look(true)).read).not.toEqual(again.read);
});

test('steps and samples are told as they come', async () => {
  const { service, about, news } = await started({ task: 'copy' });
  expect(about.exact).toBe(0);
  expect(about.parameters).toBeGreaterThan(1000);
  await service.advance(50);
  const steps = news.flatMap((one) => (one.kind === 'steps' ? one.steps : []));
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  expect(news.filter(({ kind }) => kind === 'samples').length).toBe(1);
});

test('curves are those of the activations', async () => {
  const { named, gates, dots } = await started().then(({ service }) =>
    service.curves(['relu', 'tanh'], [0, 1], 99, 1),
  );
  for (const [i, x] of named[0]!.x.entries()) {
    expect(named[0]!.y[i]).toBe(Math.max(0, x));
    expect(named[1]!.slope[i]).toBeCloseTo(1 - Math.tanh(x) ** 2, 10);
    expect(gates[0]!.y[i]).toBe(Math.max(0, x));
  }
  for (const [i, y] of dots.y.entries()) expect([0, Math.fround(dots.x[i]!)]).toContain(y + 0);
  const { losses } = await new Service(() => {}).bench({ activation: 'gelu', steps: 60, seed: 1 });
  expect(losses.at(-1)).toBeLessThan(0.5 * losses[0]!);
});

test('what cannot be done is an error', async () => {
  const { service } = await started();
  await expect(service.edit('nothing', 0, 1)).rejects.toThrow(
    'edit: there is a parameter of that name. got nothing',
  );
  await expect(service.edit('tokens.weight', 0, Number.NaN)).rejects.toThrow(
    'edit: the value is a finite number',
  );
  await expect(service.edit('tokens.weight', 1e9, 1)).rejects.toThrow('edit: the index lies in');
  await expect(new Service(() => {}).look(false)).rejects.toThrow(
    'playground: a run has been started. got none',
  );
});
