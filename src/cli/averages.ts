import type { Run } from './build.ts';

/** Runs `body` with the averages of a run, if there are some, for weights; afterwards the weights are back. */
export async function usingAverages<R>({ ema }: Pick<Run, 'ema'>, body: () => R | Promise<R>): Promise<R> {
  ema?.swap();
  try {
    return await body();
  } finally {
    ema?.swap();
  }
}
