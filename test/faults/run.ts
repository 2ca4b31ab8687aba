/** A small run with everything that draws random numbers, as a process that faults are done to. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { loadCheckpoint } from '../../src/train/index.ts';
import { program } from '../support/program.ts';

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly errors: string;
}

export interface FaultyRun {
  readonly steps: number;
  readonly evalEvery: number;
}

/** Starts a run in a folder, or goes on with the one that is there. */
export function start(
  out: string,
  { steps, evalEvery }: FaultyRun,
  {
    env = {},
    flags = [],
    more = [],
  }: { env?: Record<string, string>; flags?: string[]; more?: string[] } = {},
): { child: ChildProcess; end: Promise<Ended> } {
  const data = join(dirname(out), 'text.txt'); // the same for all: its path is in the checkpoint
  if (!existsSync(data))
    writeFileSync(data, 'ein Jäger aus Kurpfalz, der reitet durch den Wald\n'.repeat(60));
  const size = ['--layers', '1', '--width', '16', '--heads', '2', '--context', '16', '--batch-size', '4'];
  const settings = [
    '--data',
    data,
    '--steps',
    `${steps}`,
    '--eval-every',
    `${evalEvery}`,
    '--dropout',
    '0.1',
  ];
  const how = existsSync(checkpointOf(out)) ? ['--resume'] : [...settings, ...size];
  const args = [...flags, program, 'train', '--out', out, ...how, ...more];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, SCRATCHFORMER_THREADS: '1', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors = text(child.stderr!);
  const end = new Promise<Ended>((resolve) =>
    child.on('exit', async (code, signal) => resolve({ code, signal, errors: await errors })),
  );
  return { child, end };
}

export const checkpointOf = (out: string) => join(out, 'checkpoint.safetensors');

/** Number of steps that metrics tell of: how far a run has come. */
export function stepsDone(out: string): number {
  try {
    return readFileSync(join(out, 'metrics.jsonl'), 'utf8').match(/"loss"/g)?.length ?? 0;
  } catch {
    return 0;
  }
}

/** Step of the last checkpoint, 0 without one. A checkpoint that cannot be read is an error. */
export async function savedStep(out: string): Promise<number> {
  return existsSync(checkpointOf(out)) ? (await loadCheckpoint(checkpointOf(out))).step : 0;
}

/** Whether two runs wrote the same bytes, all of their files, and left nothing else behind. */
export function sameBytes(a: string, b: string): boolean {
  const [names, others] = [a, b].map((folder) =>
    readdirSync(folder)
      .filter((name) => !isEarlier(name))
      .sort(),
  );
  const same = (name: string) => readFileSync(join(a, name)).equals(readFileSync(join(b, name)));
  return names!.join() === others!.join() && names!.every(same);
}

/** What a run left that was killed before its first checkpoint is set aside. */
const isEarlier = (name: string) => name.startsWith('earlier-');
