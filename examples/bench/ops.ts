/**
 * `npm run bench -- --ops`: forward and backward of the ops beside the Transformer's, in turns with PyTorch's at
 * its better number of threads.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Backend } from 'scratchformer/kernels';
import { median, report, rounded, timed } from './measure.ts';
import { opCases, prepared } from './opCases.ts';
import { findPython, startPython } from './pytorch.ts';

const script = fileURLToPath(new URL('ops_pytorch.py', import.meta.url));
/** Calls in a round; the first ones are not counted. */
const CALLS = 5;

interface About {
  readonly version: string;
}

export async function benchOps(backend: Backend, rounds: number, json: boolean): Promise<void> {
  const python = findPython();
  const counts = [...new Set([1, availableParallelism()])];
  const theirs = await Promise.all(counts.map((count) => startPython<About>(python, script, `${count}`)));
  const results = [];
  for (const op of Object.keys(opCases)) {
    const call = prepared(op);
    const ours: number[] = [];
    const their = counts.map((): number[] => []);
    for (let round = 0; round <= rounds; round++) {
      const ms = Array.from({ length: CALLS }, () => timed(call)[0]);
      const answers = [];
      for (const one of theirs) answers.push(await one.ask<number[]>([op, CALLS]));
      if (round === 0) continue; // compilers warm up
      ours.push(...ms);
      for (const [i, answer] of answers.entries()) their[i]!.push(...answer);
    }
    const [ms, pytorchMs] = [median(ours), Math.min(...their.map(median))];
    results.push({ op, ms: rounded(ms), pytorchMs: rounded(pytorchMs), ratio: rounded(ms / pytorchMs, 3) });
  }
  for (const { stop } of theirs) stop();
  const version = theirs[0]!.about.version;
  report(json, { backend: backend.name, threads: backend.threads, pytorch: version, results }, [
    `forward and backward; backend ${backend.name} (${backend.why}), PyTorch ${version}, medians\n`,
    `${'op'.padEnd(56)}${['ours', 'PyTorch', 'ratio'].map((word) => word.padStart(12)).join('')}`,
    ...results.map(({ op, ms, pytorchMs, ratio }) => {
      const cells = [`${ms.toFixed(2)} ms`, `${pytorchMs.toFixed(2)} ms`, ratio.toFixed(2)];
      return op.padEnd(56) + cells.map((cell) => cell.padStart(12)).join('');
    }),
  ]);
}
