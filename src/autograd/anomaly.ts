import { fail, show, type Tensor } from '../tensor/index.ts';
import { anomalies } from './mode.ts';

/** Checks a gradient that an op gives its input, inside `detectAnomaly`. */
export function checkGradient(op: string, index: number, gradient: Tensor): void {
  if (anomalies() === 'ignored') return;
  const [sought, isBad] =
    anomalies() === 'all'
      ? (['NaN or infinity', (value: number) => !Number.isFinite(value)] as const)
      : (['NaN', Number.isNaN] as const);
  const bad = gradient.toTypedArray().find(isBad);
  if (bad === undefined) return;
  fail(
    `backward of ${op}`,
    `gradients hold no ${sought} (detectAnomaly)`,
    `${bad} in the gradient of input ${index}`,
  );
}

/** Checks the results of an op, inside `detectAnomaly` with `forward`. */
export function checkResults(op: string, results: readonly Tensor[]): void {
  if (anomalies() !== 'all') return;
  for (const result of results) {
    const bad = result.toTypedArray().find((value) => !Number.isFinite(value));
    if (bad !== undefined)
      fail(op, 'its result is finite (detectAnomaly)', `${bad} in shape ${show(result.shape)}`);
  }
}
