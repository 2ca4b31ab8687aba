/** `npm run bench`, as a person runs it. Only what it says is checked, never how fast it was. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { median, quantile } from '../../examples/bench/measure.ts';
import { root } from '../support/root.ts';

function bench(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const node = ['--import', 'tsx', 'examples/bench/main.ts', ...args];
    const child = spawn(process.execPath, node, { cwd: root, env: { ...process.env, ...env } });
    const result = { out: '', err: '' };
    child.stdout.on('data', (data) => {
      result.out += data;
    });
    child.stderr.on('data', (data) => {
      result.err += data;
    });
    child.on('close', (code) => resolve({ ...result, code }));
  });
}

const micro = ['--config', 'micro', '--backend', 'js', '--steps', '3'];

describe('a training step', () => {
  test('as one line of JSON', async () => {
    const { out, err, code } = await bench([...micro, '--json']);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    const result = JSON.parse(out) as Record<string, number>;
    expect(Object.keys(result)).toEqual([
      'config', 'backend', 'threads', 'parameters', 'msPerStep', 'tokensPerSecond', 'peakRssMB', 'loss',
    ]); // biome-ignore format: a list of names
    // 65·32 + 32·32 embeddings, 12·32² + 2·32 in each of 2 blocks, 32 in the last norm
    expect(result).toMatchObject({ config: 'micro', backend: 'js', threads: 1, parameters: 27_840 });
    expect((result.msPerStep! * result.tokensPerSecond!) / 1000).toBeCloseTo(8 * 32, 0);
    expect(result.peakRssMB).toBeGreaterThan(40);
    expect(Math.abs(result.loss! - Math.log(65))).toBeLessThan(0.1); // random tokens cannot be predicted
  });

  test('as text, with the spread', async () => {
    const { out } = await bench(micro);
    expect(out).toMatch(/micro: 2 layers, .*\nbackend {3}js \(.*\)\n/);
    expect(out).toMatch(/step {6}[\d.]+ ms \(p10 [\d.]+, p90 [\d.]+; 3 steps\), after [123] to warm up\n/);
    expect(out).toMatch(/27,840 parameters, loss 4\.\d+\nmemory {4}\d+ MB at the most\n$/);
  });
});

test('kernel by kernel: all of a step is in the table', async () => {
  const { out, code } = await bench([...micro, '--profile', '--json']);
  expect(code).toBe(0);
  const { parts, outside, msPerStep } = JSON.parse(out) as {
    parts: { kernel: string; callsPerStep: number; msPerStep: number; gflops?: number }[];
    outside: number;
    msPerStep: number;
  };
  const named = (name: string) => parts.find(({ kernel }) => kernel === name);
  expect(named('attention')).toMatchObject({ callsPerStep: 2 });
  expect(named('matmul 256×32 · 32×128ᵀ')).toMatchObject({ callsPerStep: 2, gflops: expect.any(Number) });
  const inside = parts.reduce((sum, part) => sum + part.msPerStep, 0);
  expect((inside + outside) / msPerStep).toBeGreaterThan(0.5);
  expect((await bench([...micro, '--profile'])).out).toMatch(/\nattentionGrad +2 +[\d.]+ +[\d.]+ %/);
});

test('under load, on one thread and on two', async () => {
  const args = ['--config', 'micro', '--backend', 'wasm', '--threads', '2', '--steps', '10', '--under-load'];
  const { out, code } = await bench([...args, '--json']);
  expect(code).toBe(0);
  const { rows } = JSON.parse(out) as {
    rows: { threads: number; quietMs: number; busyMs: number; share: number }[];
  };
  expect(rows.map(({ threads }) => threads)).toEqual([1, 2]);
  for (const { quietMs, busyMs, share } of rows) expect(share).toBeCloseTo(quietMs / busyMs, 2);
});

test('generation, in tokens per second', async () => {
  const { out, code } = await bench([...micro, '--generate', '--json']);
  expect(code).toBe(0);
  const result = JSON.parse(out) as Record<string, number>;
  expect(result).toMatchObject({ config: 'micro', backend: 'js', parameters: 27_840 });
  expect((result.msPerToken! * result.tokensPerSecond!) / 1000).toBeCloseTo(1, 1);
});

test('matrix products: every contestant that is here has a rate, for every shape', async () => {
  const { out, code } = await bench(['--gemm', '--steps', '1', '--threads', '1', '--json']);
  expect(code).toBe(0);
  const { results } = JSON.parse(out) as { results: { m: number; gflops: Record<string, number> }[] };
  expect(results.map(({ m }) => m)).toEqual([768, 768, 256, 2048, 512]);
  for (const { gflops } of results) {
    expect(Object.keys(gflops).slice(0, 2)).toEqual(['naive', 'js']);
    expect(Object.keys(gflops)).toEqual(Object.keys(results[0]!.gflops));
    for (const rate of Object.values(gflops)) expect(rate).toBeGreaterThan(0);
  }
});

describe('beside PyTorch', () => {
  /** A stand-in that has torch and takes 2 ms for each step with one thread, 3 ms with more. */
  function fakePython(parameters: number): string {
    const path = join(mkdtempSync(join(tmpdir(), 'bench-')), 'python');
    const about = {
      version: '9.9',
      blas: 'fastblas',
      threads: 0,
      attention: 'fused',
      optimizer: 'fused',
      parameters,
    };
    const lines = [
      '#!/bin/sh',
      '[ "$1" = -c ] && exit 0',
      `echo '${JSON.stringify(about)}' | sed "s/\\"threads\\":0/\\"threads\\":$3/"`,
      '[ "$3" = 1 ] && ms=2 || ms=3',
      'while read steps; do echo "{\\"ms\\": [$ms], \\"loss\\": 4.1}"; done',
    ];
    writeFileSync(path, `${lines.join('\n')}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  test('in turns, against its better thread count, with the ratio of medians', async () => {
    const args = [...micro, '--vs', 'pytorch'];
    const { out, err } = await bench([...args, '--json'], { PYTHON: fakePython(27_840) });
    expect(err).toBe('');
    const result = JSON.parse(out) as { msPerStep: number; ratio: number; pytorch: object };
    expect(result).toMatchObject({ config: 'micro', backend: 'js', parameters: 27_840 });
    expect(result.pytorch).toMatchObject({
      version: '9.9',
      blas: 'fastblas',
      threads: 1,
      msPerStep: 2,
      loss: 4.1,
    });
    expect(result.ratio / (result.msPerStep / 2)).toBeCloseTo(1, 1);
    const text = (await bench(args, { PYTHON: fakePython(27_840) })).out;
    expect(text).toMatch(/PyTorch {3}9\.9, BLAS fastblas, 1 thread \(best of 1: 2\.00 ms/);
    expect(text).toMatch(/ratio {5}[\d.]+ \(ours \/ PyTorch's, medians of 3 interleaved rounds\)\n$/);
  });

  test('another model is an error', async () => {
    const { err, code } = await bench([...micro, '--vs', 'pytorch'], { PYTHON: fakePython(5) });
    expect(code).toBe(1);
    expect(err).toContain('bench --vs pytorch: both models have 27840 parameters. got 5 in PyTorch.');
  });
});

test.each([
  [['--config', 'mico'], "argument 'mico' is invalid. Allowed choices are micro, nano, baby."],
  [['--backend', 'gpu'], "argument 'gpu' is invalid. Allowed choices are auto, js, wasm, blas, webgpu."],
  [['--threads', '0'], "argument '0' is invalid. It must be a whole number ≥ 1."],
  [['--gemm', '--config', 'nano'], "option '--gemm' cannot be used with option '--config <name>'"],
  [['--step', '5'], "unknown option '--step'\n(Did you mean --steps?)"],
])('%j is an error', async (args, message) => {
  const { err, code } = await bench(args);
  expect(code).toBe(1);
  expect(err).toContain(message);
});

test('medians and quantiles interpolate, in any order', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(quantile([30, 10, 20], 0.1)).toBeCloseTo(12, 12);
  expect(quantile([7], 0.9)).toBe(7);
});
