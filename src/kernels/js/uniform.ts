/**
 * Random number number `index` of a seed, uniform in [0, 1). The generator is counter-based, so a dropout
 * mask is never stored (backward asks again) and its elements can be computed in any order. The mixer is the
 * finalizer of MurmurHash3, applied to the counter before and after the seed is mixed in.
 */
export function uniform(seed: number, index: number): number {
  return (mix(mix(index) ^ seed) >>> 0) * 2 ** -32;
}

/** Scrambles 32 bits, so that neighbouring counters look unrelated. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
