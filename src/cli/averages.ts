import type { Run } from './build.ts';

/** Runs `body` with the averages for weights, if the run has any; afterwards the weights are back. */
export async function usingAverages<R>({ ema }: Pick<Run, 'ema'>, body: () => R | Promise<R>): Promise<R> {
  ema?.swap();
  try {
    return await body();
  } finally {
    ema?.swap();
  }
}
