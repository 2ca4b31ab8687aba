import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bertSchedule,
  constant,
  noam,
  type Schedule,
  warmupCosine,
  warmupLinear,
  warmupStableDecay,
} from '../../optimizers/index.ts';
import { golden } from '../support/golden.ts';

const { schedules } = golden<{ schedules: Record<string, number[]> }>('optimizers');

const options = { peak: 1e-3, floor: 1e-4, warmup: 5, steps: 25 };
const made: Record<string, Schedule> = {
  warmupCosine: warmupCosine(options),
  warmupLinear: warmupLinear(options),
  noam: noam({ width: 64, warmup: 5, factor: 2 }),
  bertSchedule: bertSchedule({ peak: 1e-3, warmup: 5, steps: 25 }),
};

test.each(Object.keys(made))(
  "%s equals the recorded rates of PyTorch's schedulers, or of the published formula",
  (name) => {
    expect(schedules[name]!.length).toBeGreaterThanOrEqual(25);
    for (const [step, rate] of schedules[name]!.entries())
      expect(made[name]!(step), `step ${step}`).toBeCloseTo(rate, 15);
  },
);

describe.each([
  ['warmupLinear', warmupLinear],
  ['warmupCosine', warmupCosine],
])('%s', (_, make) => {
  test('rises from above 0 to the peak, then falls to the floor and stays', () => {
    const cases = fc.record({
      peak: fc.double({ min: 0.5, max: 1, noNaN: true }),
      floor: fc.double({ min: 0, max: 0.4, noNaN: true }),
      warmup: fc.integer({ min: 0, max: 20 }),
      decay: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(cases, ({ decay, ...rest }) => {
        const steps = rest.warmup + decay;
        const rates = Array.from({ length: steps + 2 }, (_, step) => make({ ...rest, steps })(step));
        expect(rates[0]).toBeGreaterThan(0);
        expect(rates[rest.warmup]).toBeCloseTo(rest.peak, 14);
        expect(rates.slice(-2)).toEqual([rest.floor, rest.floor]);
        for (let step = 1; step <= steps; step++) {
          const risen = rates[step]! > rates[step - 1]!;
          expect(risen).toBe(step <= rest.warmup);
        }
      }),
    );
  });

  test('half way down is half way between peak and floor', () => {
    expect(make({ peak: 3, floor: 1, warmup: 10, steps: 30 })(20)).toBeCloseTo(2, 14);
  });

  test('needs no floor and no warm-up', () => {
    const schedule = make({ peak: 2, steps: 4 });
    expect([schedule(0), schedule(4)]).toEqual([2, 0]);
    expect(make({ peak: 2, floor: 1, warmup: 4, steps: 4 })(4)).toBe(1);
  });
});

describe('warmupStableDecay', () => {
  const stable = { peak: 1e-3, floor: 1e-4, warmup: 5, decay: 8, steps: 25 };

  test("equals PyTorch's schedulers one after the other", () => {
    const { warmupStableDecay: rates } = golden<{ warmupStableDecay: number[] }>('muon');
    expect(rates).toHaveLength(27);
    for (const [step, rate] of rates.entries())
      expect(warmupStableDecay(stable)(step), `step ${step}`).toBeCloseTo(rate, 15);
  });

  test('without a plateau is warmupLinear, and with a form of its own falls by that', () => {
    const linear = warmupLinear({ peak: 1e-3, floor: 1e-4, warmup: 5, steps: 25 });
    const whole = warmupStableDecay({ ...stable, decay: 20 });
    for (let step = 0; step < 27; step++) expect(whole(step)).toBe(linear(step));
    const root = warmupStableDecay({ ...stable, floor: 0, shape: (r) => 1 - Math.sqrt(r) });
    expect([4, 5, 17, 19, 25].map(root)).toEqual(
      [1e-3 * (5 / 6), 1e-3, 1e-3, 0.5e-3, 0].map((x) => expect.closeTo(x, 15)),
    );
    expect(warmupStableDecay({ peak: 2, decay: 0, steps: 3 })(2)).toBe(2);
  });

  test('a plateau is the peak itself, and a run with more steps has the same beginning', () => {
    const cases = fc.record({
      warmup: fc.integer({ min: 0, max: 9 }),
      plateau: fc.integer({ min: 0, max: 9 }),
      decay: fc.integer({ min: 0, max: 9 }),
      more: fc.integer({ min: 1, max: 9 }),
      peak: fc.double({ min: 0.1, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(cases, ({ plateau, more, ...rest }) => {
        const from = rest.warmup + plateau;
        const steps = from + rest.decay + 1;
        const [short, long] = [steps, steps + more].map((steps) =>
          warmupStableDecay({ ...rest, floor: 0.05, steps }),
        );
        for (let step = 0; step <= from; step++) expect(short!(step)).toBe(long!(step));
        expect(short!(from)).toBe(rest.peak);
        expect(short!(steps)).toBe(0.05);
      }),
    );
  });
});

test("bertSchedule's decay counts from step 0: the rate drops when the warm-up ends", () => {
  const schedule = bertSchedule({ peak: 1, warmup: 10, steps: 100 });
  expect([0, 9, 10, 55, 100, 200].map(schedule)).toEqual([0, 0.9, 0.9, 1 - 55 / 100, 0, 0]);
});

test('constant', () => {
  expect([constant(0.1)(0), constant(0.1)(1e6)]).toEqual([0.1, 0.1]);
});

// biome-ignore format: a table
test.each<[string, () => unknown, string]>([
  ['a missing peak', () => warmupCosine({ steps: 10 } as never), 'warmupCosine: peak is given. got nothing.'],
  ['missing steps', () => warmupLinear({ peak: 1 } as never), 'warmupLinear: steps is given. got nothing.'],
  ['a long warm-up', () => bertSchedule({ peak: 1, warmup: 11, steps: 10 }), 'got warmup 11 and steps 10.'],
  ['a broken warm-up', () => warmupCosine({ peak: 1, warmup: 0.5, steps: 10 }), 'got warmup 0.5 and steps 10.'],
  ['a high floor', () => warmupCosine({ peak: 1, floor: 2, steps: 10 }), 'warmupCosine: floor ≤ peak. got floor 2 and peak 1.'],
  ['a misspelt option', () => warmupCosine({ peak: 1, warmUp: 1, steps: 10 } as never), 'got "warmUp". did you mean "warmup"?'],
  ['no warm-up in noam', () => noam({ width: 64, warmup: 0 }), 'noam: width and warmup are finite and > 0. got width 64 and warmup 0.'],
  ['a long decay', () => warmupStableDecay({ peak: 1, warmup: 4, decay: 7, steps: 10 }), 'warmupStableDecay: decay is a whole number ≥ 0, warmup + decay ≤ steps. got warmup 4, decay 7 and steps 10.'],
  ['a broken decay', () => warmupStableDecay({ peak: 1, decay: 0.5, steps: 10 }), 'got warmup 0, decay 0.5 and steps 10.'],
  ['a negative rate', () => constant(-1), 'constant: lr is a finite number ≥ 0. got -1.'],
])('%s is an error', (_, make, message) => {
  expect(make).toThrow(message);
});
