import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../io/index.ts';
import { fail } from '../tensor/index.ts';

/** The files that a run writes into its folder. */
export const files = {
  checkpoint: 'checkpoint.safetensors',
  best: 'best.safetensors',
  config: 'config.json',
  metrics: 'metrics.jsonl',
  /** What only the page to watch shows, and has times. */
  watch: 'watch.jsonl',
};

/** The file of a checkpoint that is kept for its step. */
export const stepFile = (step: number) => `step-${`${step}`.padStart(6, '0')}.safetensors`;
export const isStepFile = (name: string) => /^step-\d{6,}\.safetensors$/.test(name);
export const stepOf = (name: string) => Number.parseInt(name.slice('step-'.length), 10);

/**
 * The checkpoint that a path means: the file itself; of a run's folder the best, or else the last; with
 * `last`, the last in any case.
 */
export function checkpointFile(path: string, { last = false } = {}): string {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  const best = join(path, files.best);
  return existsSync(best) && !last ? best : join(path, files.checkpoint);
}

/** The files that an earlier run left in the folder. */
export function filesOfRun(folder: string): string[] {
  const names: string[] = Object.values(files);
  return readdirSync(folder).filter((name) => names.includes(name) || isStepFile(name));
}

/** Moves files of the folder to `earlier-1`, `earlier-2`, … inside it. Returns where, or null if there were none. */
export async function moveAside(folder: string, names: readonly string[]): Promise<string | null> {
  if (names.length === 0) return null;
  let number = 1;
  while (existsSync(join(folder, `earlier-${number}`))) number++;
  const earlier = join(folder, `earlier-${number}`);
  await makeFolder(earlier);
  for (const name of names) await rename(join(folder, name), join(earlier, name));
  return earlier;
}

/** A line of the metrics, parsed, or null for one that a crash has torn. */
function parsed(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown> | null;
  } catch {
    return null;
  }
}

/** Whether a line of the metrics is about the end of a run. */
const isOfEnd = (line: object) => 'finalValidationLoss' in line || 'entropy' in line;

/** Whether the metrics have the last line about the end of a run at `step`, one that has `name`. */
export function isConcluded(folder: string, step: number, name: string): boolean {
  const path = join(folder, files.metrics);
  if (!existsSync(path)) return false;
  const lines = readFileSync(path, 'utf8').split('\n').map(parsed);
  return lines.some((line) => line !== null && line.step === step && name in line);
}

/**
 * Drops the metrics after `step`, and a last line cut short by a crash: a resumed run writes them again. One
 * that is only to be concluded writes the lines about its end again, too.
 */
export async function cutMetrics(folder: string, step: number, toConclude = false): Promise<void> {
  const isKept = (line: string) => {
    const values = parsed(line);
    if (values === null) return false;
    return (values.step as number) <= step && !(toConclude && values.step === step && isOfEnd(values));
  };
  for (const name of [files.metrics, files.watch]) await keepLines(join(folder, name), isKept);
}

async function keepLines(path: string, isKept: (line: string) => boolean): Promise<void> {
  if (!existsSync(path)) return;
  const lines = (await readFile(path, 'utf8')).split('\n').filter(isKept);
  await writeFileAtomic(path, lines.map((line) => `${line}\n`).join(''));
}

/** Removes the temporary files that a killed process left: nobody else writes to a folder that is locked. */
export async function sweep(folder: string): Promise<void> {
  const isStale = (name: string) => /^\.scratchformer-.*\.tmp$/.test(name) || name === `${files.config}.tmp`;
  for (const name of readdirSync(folder).filter(isStale)) await rm(join(folder, name), { force: true });
}

/** Makes a folder, with those above it. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error: NodeJS.ErrnoException) =>
    fail(
      'train',
      'the output folder can be made',
      `${error.code ?? error.message} for ${path}`,
      'choose another --out',
    ),
  );
}
