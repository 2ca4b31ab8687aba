/**
 * `npm run bench -- --profile`: where a training step spends its time, kernel by kernel. What is left over is
 * JavaScript: the ops, the graph, the garbage collector.
 */
import { check } from 'scratchformer';
import type { Kernels, MatmulSizes } from 'scratchformer/kernels';
import { kernels } from 'scratchformer/kernels';
import { configs } from './configs.ts';
import { median, report, rounded, timed, warmUp } from './measure.ts';
import { training } from './step.ts';
import { heading, type RunOptions } from './training.ts';

interface Entry {
  calls: number;
  ms: number;
  /** Floating-point operations, of matrix products. */
  flop: number;
}

/** What was counted, by kernel, since the last `clear`. */
const entries = new Map<string, Entry>();

export function benchProfile({ config, backend, steps, json }: RunOptions): void {
  check(
    backend.name !== 'webgpu',
    'bench --profile',
    'kernels have run when their call ends',
    () => 'webgpu, which collects them',
    () => 'take the profiler of the GPU',
  );
  if (!json) console.log(heading(config, backend));
  const { step } = training(configs[config]);
  watchKernels();
  warmUp(step, steps);
  entries.clear();
  const ms = Array.from({ length: steps }, () => timed(step)[0]);
  const total = ms.reduce((sum, time) => sum + time, 0);
  const parts = [...entries].map(([kernel, { calls, ms, flop }]) => ({
    kernel,
    callsPerStep: rounded(calls / steps),
    msPerStep: rounded(ms / steps),
    share: rounded(ms / total, 3),
    ...(flop > 0 && { gflops: rounded(flop / ms / 1e6, 3) }),
  }));
  parts.sort((a, b) => b.msPerStep - a.msPerStep);
  const inside = parts.reduce((sum, { msPerStep }) => sum + msPerStep, 0);
  const outside = rounded(total / steps - inside);
  const result = { config, backend: backend.name, threads: backend.threads, msPerStep: rounded(median(ms)) };
  report(json, { ...result, parts, outside }, [
    `step      ${result.msPerStep} ms, with the clock running\n`,
    `${'kernel'.padEnd(30)}${['calls', 'ms', 'share', 'GFLOP/s'].map((word) => word.padStart(9)).join('')}`,
    ...parts.map(({ kernel, callsPerStep, msPerStep, share, gflops }) =>
      line(kernel, `${callsPerStep}`, msPerStep, share, gflops?.toFixed(1)),
    ),
    line('JavaScript', '', outside, outside / (total / steps)),
  ]);
}

function line(name: string, calls: string, ms: number, share: number, gflops = ''): string {
  const numbers = [calls, ms.toFixed(3), `${(100 * share).toFixed(1)} %`, gflops];
  return name.padEnd(30) + numbers.map((text) => text.padStart(9)).join('');
}

/** Puts a clock around every kernel; one that calls another counts alone. */
function watchKernels(): void {
  const clocks: Partial<Record<keyof Kernels, unknown>> = {};
  for (const [name, kernel] of Object.entries(kernels)) {
    clocks[name as keyof Kernels] = (...args: unknown[]): unknown => {
      const [ms, result] = timed(() => Reflect.apply(kernel, undefined, args));
      count(name === 'matmul' ? nameOfProduct(args[4] as MatmulSizes) : name, ms, flopOf(name, args[4]));
      return result;
    };
  }
  Object.assign(kernels, clocks);
}

function count(name: string, ms: number, flop: number): void {
  const entry = entries.get(name) ?? { calls: 0, ms: 0, flop: 0 };
  entry.calls++;
  entry.ms += ms;
  entry.flop += flop;
  entries.set(name, entry);
}

/** `matmul 768×512 · 512×128ᵀ` */
function nameOfProduct({ m, n, k, transposeA, transposeB }: MatmulSizes): string {
  return `matmul ${m}×${k}${transposeA ? 'ᵀ' : ''} · ${k}×${n}${transposeB ? 'ᵀ' : ''}`;
}

function flopOf(name: string, sizes: unknown): number {
  if (name !== 'matmul') return 0;
  const { batch = 1, m, n, k } = sizes as MatmulSizes;
  return 2 * batch * m * n * k;
}
