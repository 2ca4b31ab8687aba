/** The score of an example, between what guessing gets and what no model can beat. */
export interface Score {
  readonly metric: string;
  /** Score on data that was held out. */
  readonly value: number;
  /** Score that a full run reaches with any seed. Default: whatever it reaches will do. */
  readonly target?: number | undefined;
  /** Score of guessing. */
  readonly chance: number;
  /** Score that no model can beat on average. */
  readonly best: number;
  /** Whether the run was a smoke run, which need not reach its target. */
  readonly quick: boolean;
}

/**
 * The last line of an example: `score: adder exact=0.9981 target=0.9900 chance=0.0005 best=1.0000`. A full
 * run that misses its target fails; whether more is better follows from chance and best.
 */
export function printScore(name: string, { metric, value, target, chance, best, quick }: Score): void {
  const figures = Object.entries({ [metric]: value, target, chance, best });
  const shown = figures.flatMap(([key, figure]) =>
    figure === undefined ? [] : `${key}=${figure.toFixed(4)}`,
  );
  console.log(`score: ${name} ${shown.join(' ')}`);
  const reached = target === undefined || (best > chance ? value >= target : value <= target);
  if (!quick && !reached) process.exitCode = 1;
}
