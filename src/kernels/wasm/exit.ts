import { platform } from '../../platform/index.ts';
import { CONTROL } from './control.js';

/** The control words of threads that load a library, and how many threads will. */
const loading = new Map<Int32Array, () => number>();

/**
 * A process that ends while a thread loads a native library would crash instead, so its exit waits (some 50
 * ms).
 */
export function letLoadBeforeExit(control: Int32Array, threads: () => number): void {
  if (loading.size === 0) platform.atExit(waitForLoading);
  loading.set(control, threads);
}

function waitForLoading(): void {
  for (const [control, threads] of loading) {
    for (let naps = 0; naps < 100 && Atomics.load(control, CONTROL.ready) < threads(); naps++) {
      Atomics.wait(control, CONTROL.ready, Atomics.load(control, CONTROL.ready), 100);
    }
  }
}
