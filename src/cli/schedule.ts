import { type Schedule, warmupCosine, warmupStableDecay } from '../../optimizers/index.ts';

/** What a schedule is told of the run. */
interface Settings {
  readonly lr: number;
  readonly warmup: number;
  readonly steps: number;
}

/** The schedules that `--schedule` chooses among: a warm-up, and an end at a fiftieth of the peak. */
const schedules = {
  cosine: (settings: Settings) => warmupCosine(usual(settings)),
  /** The peak until the last fifth of all steps, which suffices for the fall (arXiv:2405.18392). */
  wsd: (settings: Settings) =>
    warmupStableDecay({
      ...usual(settings),
      decay: Math.floor(settings.steps / 5),
      shape: (r) => 1 - Math.sqrt(r),
    }),
};

export type ScheduleName = keyof typeof schedules;
export const scheduleNames = Object.keys(schedules) as ScheduleName[];

export function makeSchedule(name: ScheduleName, settings: Settings): Schedule {
  return schedules[name](settings);
}

function usual({ lr, warmup, steps }: Settings) {
  return { peak: lr, floor: lr / 50, warmup, steps };
}
