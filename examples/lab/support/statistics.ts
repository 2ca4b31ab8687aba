/** Means of a few runs, and how sure they are. */

export type Summary = {
  readonly mean: number;
  /** Standard deviation over the runs, by n − 1. */
  readonly spread: number;
  /** The 95 % confidence interval of the mean, by Student's t: [low, high]. */
  readonly low: number;
  readonly high: number;
  readonly runs: number;
};

/** The 0.975 quantiles of Student's t distribution with 1, 2, … degrees of freedom. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean, spread and confidence interval of 2 to 10 runs. */
export function summary(values: readonly number[]): Summary {
  const n = values.length;
  const centre = mean(values);
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (n - 1));
  const reach = (T[n - 2]! * spread) / Math.sqrt(n);
  return { mean: centre, spread, low: centre - reach, high: centre + reach, runs: n };
}

/** The differences a − b of runs with the same seeds, which share what the seed decides. */
export function difference(a: readonly number[], b: readonly number[]): Summary {
  return summary(a.map((value, i) => value - b[i]!));
}

/** A mean with its interval, for a table: '0.123 ± 0.004'. */
export function withInterval({ mean, high }: Summary, decimals = 3): string {
  return `${mean.toFixed(decimals)} ± ${(high - mean).toFixed(decimals)}`;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** The slope of a straight line through points, by least squares. */
export function slope(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)];
  return mean(x.map((value, i) => (value - mx) * (y[i]! - my))) / mean(x.map((value) => (value - mx) ** 2));
}
