/**
 * Learning rates as plain functions of the step, counted from 0:
 *
 *     const schedule = warmupCosine({ peak: 1e-3, floor: 1e-4, warmup: 100, steps: 2000 });
 *     optimizer.lr = schedule(step);
 */
import { check, checkFinite, checkFunctions, required, withDefaults } from '../src/tensor/index.ts';

/** The learning rate of step 0, 1, 2, … */
export type Schedule = (step: number) => number;

/** The same rate at every step. */
export function constant(lr: number): Schedule {
  checkFinite('constant', { lr }, 0);
  return ofSteps('constant', () => lr);
}

/** The options of the schedules with a warm-up. */
export interface WarmupOptions {
  /** The highest rate, that of step `warmup`. */
  readonly peak: number;
  /** The rate from step `steps` on. Default 0. */
  readonly floor?: number;
  /** Steps before the peak. Default 0. */
  readonly warmup?: number;
  /** Steps until the floor. */
  readonly steps: number;
}

/**
 * A linear rise to the peak, then a linear fall to the floor.
 *
 *   step < warmup          peak·(step + 1)/(warmup + 1)          never 0, so that step 0 is not lost
 *   warmup ≤ step < steps  floor + (peak − floor)·(1 − r)        r = (step − warmup)/(steps − warmup)
 *   then                   floor
 */
export function warmupLinear(options: WarmupOptions): Schedule {
  return warmupThen('warmupLinear', options, (r) => 1 - r);
}

/**
 * A linear rise as in `warmupLinear`, then a fall along half a cosine: floor + (peak − floor)·½(1 + cos πr).
 * nanoGPT's schedule.
 *
 * Loshchilov & Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", arXiv:1608.03983
 */
export function warmupCosine(options: WarmupOptions): Schedule {
  return warmupThen('warmupCosine', options, (r) => 0.5 * (1 + Math.cos(Math.PI * r)));
}

/** The options of `warmupStableDecay`. */
export interface StableOptions extends WarmupOptions {
  /** Steps of the fall, the last ones before `steps`. */
  readonly decay: number;
  /** Form of the fall, from 1 to 0 as r goes from 0 to 1. Default linear, 1 − r; 1 − √r is often better. */
  readonly shape?: (r: number) => number;
}

/**
 * A linear rise as in `warmupLinear`, then the peak, and a fall to the floor at the end only.
 *
 *   warmup ≤ step < steps − decay  peak
 *   steps − decay ≤ step < steps   floor + (peak − floor)·shape(r)    r = (step − (steps − decay))/decay
 *
 * Training can go on from any step of the plateau, and a fall of a tenth of all steps is enough: how long it
 * will last need not be known at the start.
 *
 * Hu et al., "MiniCPM", arXiv:2404.06395; Hägele et al., "Scaling Laws and Compute-Optimal Training Beyond
 * Fixed Training Durations", arXiv:2405.18392, for the form 1 − √r
 */
export function warmupStableDecay(options: StableOptions): Schedule {
  const where = 'warmupStableDecay';
  const { decay, shape, ...rest } = withDefaults<Required<StableOptions>>(where, options, {
    peak: required,
    floor: 0,
    warmup: 0,
    decay: required,
    steps: required,
    shape: (r: number) => 1 - r,
  });
  checkFunctions(where, { shape });
  const fits = Number.isInteger(decay) && decay >= 0 && rest.warmup + decay <= rest.steps;
  const got = () => `warmup ${rest.warmup}, decay ${decay} and steps ${rest.steps}`;
  check(fits, where, 'decay is a whole number ≥ 0, warmup + decay ≤ steps', got);
  return warmupThen(where, rest, shape, rest.steps - decay);
}

/** `shape` falls from 1 to 0 as r goes from 0 to 1, which begins at step `from`. */
function warmupThen(
  where: string,
  options: WarmupOptions,
  shape: (r: number) => number,
  from = options.warmup ?? 0,
): Schedule {
  const { peak, floor, warmup, steps } = withDefaults<Required<WarmupOptions>>(where, options, {
    peak: required,
    floor: 0,
    warmup: 0,
    steps: required,
  });
  checkFinite(where, { peak, floor }, 0);
  checkSteps(where, warmup, steps);
  check(floor <= peak, where, 'floor ≤ peak', () => `floor ${floor} and peak ${peak}`);
  return ofSteps(where, (step) => {
    if (step < warmup) return (peak * (step + 1)) / (warmup + 1);
    if (step >= steps) return floor;
    if (step < from) return peak;
    return floor + (peak - floor) * shape((step - from) / (steps - from));
  });
}

/** The options of `noam`. */
export interface NoamOptions {
  /** Width of the model: the rate falls with its root. */
  readonly width: number;
  /** Steps before the peak. */
  readonly warmup: number;
  /** Factor of the whole schedule. Default 1, the paper's. */
  readonly factor?: number;
}

/**
 * The first Transformer's schedule: a linear rise over `warmup` steps, then a fall with the root of the step.
 *
 *   lr = factor·width^(−½)·min(t^(−½), t·warmup^(−3/2)),  t = step + 1
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, section 5.3
 */
export function noam(options: NoamOptions): Schedule {
  const { width, warmup, factor } = withDefaults<Required<NoamOptions>>('noam', options, {
    width: required,
    warmup: required,
    factor: 1,
  });
  checkFinite('noam', { factor }, 0);
  check(
    [width, warmup].every((x) => Number.isFinite(x) && x > 0),
    'noam',
    'width and warmup are finite and > 0',
    () => `width ${width} and warmup ${warmup}`,
  );
  const scale = factor / Math.sqrt(width);
  return ofSteps('noam', (step) => scale * Math.min((step + 1) ** -0.5, (step + 1) * warmup ** -1.5));
}

/**
 * BERT's schedule: a linear rise, then a linear fall to 0 that is reckoned from step 0, not from the end of
 * the warm-up. So the rate jumps down when the warm-up ends, from nearly peak to peak·(1 − warmup/steps), and
 * step 0 has rate 0.
 *
 *   step < warmup   peak·step/warmup
 *   then            peak·(1 − step/steps), and 0 from step `steps` on
 *
 * google-research/bert, optimization.py: polynomial decay of power 1
 */
export function bertSchedule(options: Omit<WarmupOptions, 'floor'>): Schedule {
  const { peak, warmup, steps } = withDefaults<Required<Omit<WarmupOptions, 'floor'>>>(
    'bertSchedule',
    options,
    { peak: required, warmup: 0, steps: required },
  );
  checkFinite('bertSchedule', { peak }, 0);
  checkSteps('bertSchedule', warmup, steps);
  return ofSteps('bertSchedule', (step) =>
    step < warmup ? (peak * step) / warmup : peak * Math.max(0, 1 - step / steps),
  );
}

/** Makes a schedule refuse a step that is no number ≥ 0. */
function ofSteps(where: string, schedule: Schedule): Schedule {
  return (step) => {
    checkFinite(where, { step }, 0);
    return schedule(step);
  };
}

function checkSteps(where: string, warmup: number, steps: number): void {
  check(
    Number.isInteger(warmup) && Number.isInteger(steps) && warmup >= 0 && steps >= 1 && warmup <= steps,
    where,
    'warmup and steps are whole numbers, 0 ≤ warmup ≤ steps and steps ≥ 1',
    () => `warmup ${warmup} and steps ${steps}`,
  );
}
