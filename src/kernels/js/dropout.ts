import type { FloatArray } from '../../tensor/index.ts';

/**
 * Whether element `index` survives dropout with probability p under `seed`: a counter-based generator, so a mask is
 * never stored (backward asks again) and its elements can be computed in any order. The mixer is the finalizer of
 * MurmurHash3, applied to the counter after the seed has been mixed in.
 */
export function keeps(seed: number, index: number, p: number): boolean {
  return (mix(mix(index) ^ seed) >>> 0) * 2 ** -32 >= p;
}

function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export function dropout(y: FloatArray, x: FloatArray, p: number, seed: number): void {
  const factor = 1 / (1 - p);
  for (let i = 0; i < y.length; i++) y[i] = keeps(seed, i, p) ? x[i]! * factor : 0;
}

export function bernoulliGate(y: FloatArray, x: FloatArray, probability: FloatArray, seed: number): void {
  for (let i = 0; i < y.length; i++) y[i] = keeps(seed, i, probability[i]!) ? 0 : x[i]!;
}
