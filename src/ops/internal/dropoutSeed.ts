import { check, display, randomStream } from '../../tensor/index.ts';

/** A seed for one call of a dropout kernel. */
export function drawSeed(): number {
  return randomStream('dropout').int32();
}

export function checkProbability(where: string, p: number): void {
  check(p >= 0 && p < 1, where, 'the probability to drop lies in [0, 1)', () => display(p));
}
