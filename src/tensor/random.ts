/**
 * Randomness: one root seed, one named stream for each consumer ('init', 'dropout', 'shuffle', 'sample', …),
 * so that a new consumer never disturbs the others. Generator: seedrandom's `alea` (Baagøe), seeded with
 * `seed/name`.
 */
import seedrandom from 'seedrandom';
import { check, display } from './errors.ts';

/** A stream of pseudo-random numbers: call it for the next one, uniform in [0, 1). */
export type RandomStream = seedrandom.StatefulPRNG<seedrandom.State.Alea>;

/** The state of every stream drawn from so far, as plain JSON; it goes into checkpoints. */
export interface RandomState {
  readonly seed: number;
  readonly streams: Record<string, seedrandom.State.Alea>;
}

let seed = 0;
let streams = new Map<string, RandomStream>();

/** Restarts every stream from `newSeed`. */
export function manualSeed(newSeed: number): void {
  check(Number.isSafeInteger(newSeed), 'manualSeed', 'the seed is a whole number', () => display(newSeed));
  seed = newSeed;
  streams = new Map();
}

/**
 * Returns the stream of random numbers with this name, each in [0, 1). Its start follows from the seed and the
 * name alone, so no stream disturbs another.
 */
export function randomStream(name: string): RandomStream {
  check(typeof name === 'string', 'randomStream', 'the name is a string', () => display(name));
  const known = streams.get(name);
  if (known) return known;
  const stream = seedrandom.alea(`${seed}/${name}`, { state: true });
  streams.set(name, stream);
  return stream;
}

/**
 * Restarts one stream from the root seed and a key: what it gives depends on nothing that was drawn before. With
 * null for a key it is as if nothing had ever been drawn from it.
 */
export function restartStream(name: string, key: string | null): void {
  if (key === null) streams.delete(name);
  else streams.set(name, seedrandom.alea(`${seed}/${name}/${key}`, { state: true }));
}

/** Returns the seed and the state of every stream, to be saved and restored. */
export function randomState(): RandomState {
  return { seed, streams: Object.fromEntries([...streams].map(([name, stream]) => [name, stream.state()])) };
}

/** Continues every stream where it was when `randomState` was called. Errors: it is no such state. */
export function restoreRandomState(state: RandomState): void {
  const { seed, streams: saved } = state ?? {};
  const isState = (x: unknown) => {
    const { c, s0, s1, s2 } = (x ?? {}) as Partial<seedrandom.State.Alea>;
    return [c, s0, s1, s2].every(Number.isFinite) && Object.keys(x as object).length === 4;
  };
  check(
    Number.isSafeInteger(seed) &&
      typeof saved === 'object' &&
      saved !== null &&
      Object.values(saved).every(isState),
    'restoreRandomState',
    'the state has a seed and streams, as randomState gives them',
    () => display(state),
  );
  manualSeed(state.seed);
  for (const [name, saved] of Object.entries(state.streams)) {
    streams.set(name, seedrandom.alea('', { state: saved }));
  }
}

/** A whole number from 0 to n − 1, all equally likely. */
export function randomBelow(n: number, random: () => number): number {
  return Math.floor(random() * n);
}

/** A standard normal number, by Box and Muller's polar-free form: √(−2 ln u)·cos(2πv). */
export function normalSample(random: RandomStream): number {
  const u = 1 - random();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random());
}
