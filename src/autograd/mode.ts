import { check, checkFunctions, type Storage, Tensor, withDefaults } from '../tensor/index.ts';
import { adoptIntoScope, type Copies, collectInto } from '../tensor/scope.ts';

let recording = true;
let anomaly: 'ignored' | 'NaN in gradients' | 'all' = 'ignored';

/** Tells whether ops record themselves for backward. */
export function isRecording(): boolean {
  return recording;
}

/** Tells what is looked for in every gradient, and if it is all, in every result of an op. */
export function anomalies(): typeof anomaly {
  return anomaly;
}

/** The options of `detectAnomaly`. */
export interface AnomalyOptions {
  /** Whether results of ops are checked, too, and infinities are errors as well as NaN. Default false. */
  readonly forward?: boolean;
}

/**
 * Runs `body` without recording, as part of the op of that name; the caller says who owns what is allocated
 * and copied.
 */
export function withoutRecording<T>(
  owned: Storage[] | null,
  body: () => T,
  name?: string,
  copies?: Copies,
): T {
  const outer = recording;
  recording = false;
  try {
    return collectInto(owned, body, name, copies);
  } finally {
    recording = outer;
  }
}

/**
 * Runs `body` without recording a graph. What it computed is freed when it ends, except for the tensors it
 * returns (alone, or anywhere in arrays and plain objects).
 */
export function noGrad<T>(body: () => T): T {
  checkFunctions('noGrad', { 'what runs without recording': body });
  const owned: Storage[] = [];
  let kept = new Set<Storage>();
  try {
    const result = withoutRecording(owned, body);
    check(
      !(result instanceof Promise),
      'noGrad',
      'the function is synchronous',
      () => 'a promise',
      () => 'await outside, and wrap only the computation',
    );
    kept = new Set(tensorsIn(result).map((tensor) => tensor.storage));
    return result;
  } finally {
    for (const storage of owned) {
      if (kept.has(storage)) adoptIntoScope(storage);
      else storage.release();
    }
  }
}

/**
 * Runs `body` with a check after the backward of every op: the first NaN in a gradient is an error that names
 * the op. It costs a pass over every gradient, so use it to hunt, not to train.
 */
export function detectAnomaly<T>(body: () => T, options: AnomalyOptions = {}): T {
  checkFunctions('detectAnomaly', { 'what runs with checks': body });
  const { forward } = withDefaults('detectAnomaly', options, { forward: false });
  const outer = anomaly;
  anomaly = forward ? 'all' : 'NaN in gradients';
  try {
    return body();
  } finally {
    anomaly = outer;
  }
}

/** `seen` ends the search in objects that contain themselves. */
function tensorsIn(value: unknown, seen = new Set<unknown>()): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  if (Array.isArray(value)) return value.flatMap((entry) => tensorsIn(entry, seen));
  const plain = Object.getPrototypeOf(value) === Object.prototype;
  return plain ? Object.values(value).flatMap((entry) => tensorsIn(entry, seen)) : [];
}
