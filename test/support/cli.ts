/** The command line as a person uses it: real processes, real files, real (tiny) training runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from './program.ts';

export interface Result {
  /** null if a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  /** Flags of Node. */
  readonly flags?: readonly string[];
  /** What is run instead of the command line as it starts soonest. */
  readonly main?: string;
  /** Gets the process once it runs. */
  readonly whileRunning?: (child: ChildProcess) => void;
}

/** Runs `scratchformer …args`. */
export function scratchformer(
  args: readonly string[],
  { flags = [], main = program, whileRunning }: RunOptions = {},
): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...flags, main, ...args]);
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => {
      out += data;
    });
    child.stderr.on('data', (data) => {
      err += data;
    });
    child.on('close', (code) => resolve({ code, out, err }));
    whileRunning?.(child);
  });
}

/** Settings of a model that trains in milliseconds a step. */
// biome-ignore format: a command line
export const small = ['--tokenizer', 'char', '--layers', '1', '--width', '16', '--heads', '2', '--context', '16', '--batch-size', '4', '--seed', '1'];

export interface Metrics {
  readonly step: number;
  readonly loss?: number;
  readonly lr?: number;
  readonly validationLoss?: number;
  readonly finalValidationLoss?: number;
  readonly validationBitsPerByte?: number;
  readonly finalValidationBitsPerByte?: number;
}

/** The text of the metrics that a run has written to its folder. */
export function metricsText(out: string): string {
  return readFileSync(join(out, 'metrics.jsonl'), 'utf8');
}

export function readMetrics(out: string): Metrics[] {
  return metricsText(out)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Metrics);
}
