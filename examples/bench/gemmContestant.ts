/** One contestant of gemm.ts: a process that answers each task with its GFLOP/s. */
import { type FloatArray, InvariantError, rand } from 'scratchformer';
import { type BackendName, kernels, useBackend } from 'scratchformer/kernels';
import { empty } from 'scratchformer/tensor';
import { timed } from './measure.ts';

/** C is m×n, A is m×k, B is k×n. */
export interface Task {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** First: {}, or why there is nothing to expect. Then a rate for each task. */
export interface Answer {
  readonly error?: string;
  readonly gflops?: number;
}

/**
 * Milliseconds of the first round of a task, so that compilers and threads are ready, and of each later one.
 */
const [WARM_UP, ROUND] = [200, 20];

const [name, backend, threads] = process.argv.slice(2) as [string, BackendName, string];
const answer = (message: Answer) => process.send!(message);
let current = { key: '', run: () => {} };

process.on('message', (task: Task) => {
  const key = JSON.stringify(task);
  const isNew = key !== current.key;
  if (isNew) current = { key, run: prepared(task) };
  answer({ gflops: (2 * task.m * task.n * task.k) / msPerCall(current.run, isNew ? WARM_UP : ROUND) / 1e6 });
});

try {
  useBackend(backend, { threads: Number(threads) });
  answer({});
} catch (error) {
  if (!(error instanceof InvariantError)) throw error;
  answer({ error: error.message });
  process.disconnect();
}

function prepared({ m, n, k }: Task): () => void {
  const [c, a, b] = [empty([m, n], 'float32').data as FloatArray, filled([m, k]), filled([k, n])];
  return name === 'naive' ? () => naive(c, a, b, m, n, k) : () => kernels.matmul(c, a, b, null, { m, n, k });
}

/** Random numbers where the backend wants its data. */
function filled(shape: readonly number[]): FloatArray {
  const x = empty(shape, 'float32').data as FloatArray;
  x.set(rand(shape).data);
  return x;
}

function msPerCall(run: () => void, duration: number): number {
  let calls = 0;
  const [ms] = timed(() => {
    for (const end = performance.now() + duration; performance.now() < end; calls++) run();
  });
  return ms / calls;
}

/** The definition of a matrix product: what everybody writes first. */
function naive(c: FloatArray, a: FloatArray, b: FloatArray, m: number, n: number, k: number): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[p * n + j]!;
      c[i * n + j] = sum;
    }
  }
}
