/**
 * The kernels in use. `js` is always there; `wasm` overlays what it has faster; `blas` is `wasm` with the
 * matrix products of a system library; `webgpu` computes on a GPU, and is only ever taken by name.
 *
 *     useBackend('wasm', { threads: 2 });        or SCRATCHFORMER_BACKEND=wasm SCRATCHFORMER_THREADS=2
 *
 * Importing starts nothing: without `useBackend`, the first kernel call or allocation chooses by the
 * environment.
 */
import { platform } from '../platform/index.ts';
import { check, fail, suggest, withDefaults } from '../tensor/index.ts';
import { heapPool } from '../tensor/pool.ts';
import { allocateFrom, persistentOnHeap, takeBlock } from '../tensor/source.ts';
import type { Build, Kernels } from './contract.ts';
import * as js from './js/index.ts';
import { startWasm } from './wasm/index.ts';
import { prepareModule } from './wasm/module.ts';
import { startWebgpu } from './webgpu/index.ts';
import { useDevice } from './webgpu/numbers.ts';

export type * from './contract.ts';
export { powerOfNumber } from './js/powerOfNumber.ts';
export { uniform } from './js/uniform.ts';

/** The name of a set of kernels. */
export type BackendName = 'js' | 'wasm' | 'blas' | 'webgpu';

/** The options of `useBackend`. */
export interface BackendOptions {
  /**
   * Number of threads. Default: $SCRATCHFORMER_THREADS, or the cores, at most 8. There is one on js, and on a
   * page that is not cross-origin isolated or outside its workers.
   */
  readonly threads?: number;
  /** Build of the WASM kernels: 'plain', 'relaxed' or 'wide'. Default: the best that this engine has. */
  readonly build?: Build | undefined;
}

/** The kernels in use. */
export interface Backend {
  readonly name: BackendName;
  readonly threads: number;
  /** Reason for this choice, with what was found on the way. */
  readonly why: string;
  /** Of a GPU: adapter, driver, limits, its memory in use, and the bytes moved so far, a line each. */
  readonly details?: () => readonly string[];
}

/** Every kernel, of the backend in use. The first call chooses one, if none is chosen yet. */
export const kernels: Kernels = { ...js };

/**
 * Stand-ins: the first one that is called makes the choice, which replaces them all, and then does its work.
 */
for (const name of Object.keys(js) as (keyof Kernels)[]) {
  const chooseAndCall = (...args: unknown[]): unknown => {
    useBackend();
    return Reflect.apply(kernels[name], undefined, args);
  };
  Object.assign(kernels, { [name]: chooseAndCall });
}
allocateFrom({
  take(bytes) {
    useBackend();
    return takeBlock(bytes);
  },
});

let inUse: Backend | null = null;

/** Returns the backend in use; chooses one, if none is chosen yet. */
export function backendInUse(): Backend {
  return inUse ?? useBackend();
}

/**
 * Chooses the kernels, for everything from here on; without a name, those that the environment names. `auto`,
 * the default, takes the fastest that is there and passes a self-check; a named backend that is unavailable
 * throws, and says what to install.
 */
export function useBackend(
  name: BackendName | 'auto' = environmentBackend(),
  options: BackendOptions = {},
): Backend {
  checkName('useBackend', name);
  const { threads, build } = withDefaults<Required<BackendOptions>>('useBackend', options, {
    threads: options.threads ?? environmentThreads() ?? Math.min(platform.cores, 8),
    build: undefined,
  });
  checkThreads('useBackend', threads);
  const wanted = name === 'auto' ? (['blas', 'wasm', 'js'] as const) : [name];
  const reasons = new Set<string>();
  const onHeap = persistentOnHeap();
  for (const candidate of wanted) {
    const started = start(candidate, threads, build);
    if (typeof started !== 'string') {
      if (started.name !== 'js' && onHeap) warnOfHeap();
      inUse = { ...started, why: [started.why, ...reasons].join('; ') };
      return inUse;
    }
    reasons.add(started);
  }
  return fail('useBackend', `the backend ${name} can be used`, [...reasons].join('; '));
}

/**
 * Fetches and compiles the WASM kernels where that takes waiting, which is in a browser; elsewhere it does
 * nothing. After it `useBackend` finds them; without it a browser has js. Errors: they cannot be fetched.
 *
 *     await prepareBackend();        before the model is made
 */
export async function prepareBackend(options: Pick<BackendOptions, 'build'> = {}): Promise<void> {
  const where = 'prepareBackend';
  const { build } = withDefaults<Pick<Required<BackendOptions>, 'build'>>(where, options, {
    build: undefined,
  });
  await prepareModule(build).catch((error: Error) =>
    fail(where, 'the compiled kernels can be fetched', error.message, 'are they where the bundler put them?'),
  );
}

/** Starts a backend; returns it, or the reason (a string) why it is unavailable. */
function start(name: BackendName, threads: number, build: Build | undefined): Backend | string {
  if (name === 'webgpu') return startOnDevice(threads, build);
  useDevice(null);
  if (name === 'js') {
    Object.assign(kernels, js);
    allocateFrom(heapPool);
    return { name, threads: 1, why: 'plain JavaScript' };
  }
  const count = platform.oneThread === null ? threads : 1;
  const started = startWasm(count, name === 'blas', build);
  if (typeof started === 'string') return started;
  Object.assign(kernels, js, started.overlay);
  const fewer = count < threads ? ` (${platform.oneThread})` : '';
  return { name, threads: count, why: started.why + fewer };
}

/** The kernels of a GPU; what it does not have is computed by wasm, or else by js. */
function startOnDevice(threads: number, build: Build | undefined): Backend | string {
  const count = platform.oneThread === null ? threads : 1;
  let rest = 'js';
  const started = startWebgpu(() => {
    const wasm = startWasm(count, false, build);
    if (typeof wasm === 'string') return js;
    rest = `wasm, ${wasm.why}`;
    return { ...js, ...wasm.overlay };
  });
  if (typeof started === 'string') return started;
  Object.assign(kernels, started.kernels);
  const { why, details } = started;
  return { name: 'webgpu', threads: count, why: `${why}; the rest by ${rest}`, details };
}

let warned = false;

/** Says once that what was made in other memory slows every call down. */
function warnOfHeap(): void {
  if (warned) return;
  warned = true;
  console.warn(
    'useBackend: parameters or optimizer state were made while js was in use. They stay in its memory, and every kernel call copies them. Choose the backend first, then make the model.',
  );
}

function environmentBackend(): BackendName | 'auto' {
  const name = platform.variable('SCRATCHFORMER_BACKEND') || 'auto';
  checkName('SCRATCHFORMER_BACKEND', name);
  return name;
}

function environmentThreads(): number | undefined {
  const given = platform.variable('SCRATCHFORMER_THREADS');
  if (!given) return undefined;
  checkThreads('SCRATCHFORMER_THREADS', Number(given), given);
  return Number(given);
}

const names: readonly string[] = ['auto', 'js', 'wasm', 'blas', 'webgpu'];

function checkName(where: string, name: string): asserts name is BackendName | 'auto' {
  check(
    names.includes(name),
    where,
    'the backend is known',
    () => `"${name}"`,
    () => suggest(name, names),
  );
}

/** A limit: more threads than any machine has cores would only take memory, some 10 MB each. */
const MOST_THREADS = 256;

function checkThreads(where: string, threads: number, given = `${threads}`): void {
  check(Number.isInteger(threads) && threads >= 1, where, 'threads is a whole number ≥ 1', () => given);
  check(threads <= MOST_THREADS, where, `threads is at most ${MOST_THREADS}`, () => given);
}
