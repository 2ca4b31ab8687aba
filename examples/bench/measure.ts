/** Times, and what to make of them: medians, because other processes only ever make a run slower. */

/** Milliseconds of one call, and what it returned. */
export function timed<T>(run: () => T): [ms: number, result: T] {
  const start = performance.now();
  const result = run();
  return [performance.now() - start, result];
}

/**
 * Runs until the compiler has seen enough: two seconds, or `most` calls (at least one). Returns the calls
 * made.
 */
export function warmUp(run: () => unknown, most: number): number {
  const end = performance.now() + 2000;
  let calls = 0;
  do {
    run();
    calls++;
  } while (calls < most && performance.now() < end);
  return calls;
}

/** The value below which a share of all values lies, by linear interpolation. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (at % 1) * (high - low);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** `41.20 ms (p10 40.13, p90 44.57; 100 steps)` */
export function describeTimes(ms: readonly number[]): string {
  const [low, middle, high] = [0.1, 0.5, 0.9].map((share) => quantile(ms, share).toFixed(2));
  return `${middle} ms (p10 ${low}, p90 ${high}; ${ms.length} steps)`;
}

/** A record for programs, or lines for people. */
export function report(json: boolean, record: object, lines: readonly string[]): void {
  console.log(json ? JSON.stringify(record) : lines.join('\n'));
}

/** 27,840 */
export function thousands(value: number): string {
  return value.toLocaleString('en-US');
}

/** The digits that count. */
export function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}

/** The most memory this process has held so far. */
export function peakRssMB(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
