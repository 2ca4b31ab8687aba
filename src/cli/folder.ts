import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
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

/**
 * The checkpoint that a path means: the file itself; of a run's folder the best, or else the last; with
 * `last`, the last in any case.
 */
export function checkpointFile(path: string, { last = false } = {}): string {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  const best = join(path, files.best);
  return existsSync(best) && !last ? best : join(path, files.checkpoint);
}

/**
 * Moves what an earlier run left in the folder to `earlier-1`, `earlier-2`, … inside it. Returns where, or
 * null if there was nothing.
 */
export async function setEarlierRunAside(folder: string): Promise<string | null> {
  const names: string[] = Object.values(files);
  const found = readdirSync(folder).filter((name) => names.includes(name) || isStepFile(name));
  if (found.length === 0) return null;
  let number = 1;
  while (existsSync(join(folder, `earlier-${number}`))) number++;
  const earlier = join(folder, `earlier-${number}`);
  await makeFolder(earlier);
  for (const name of found) await rename(join(folder, name), join(earlier, name));
  return earlier;
}

/** Drops the metrics after `step`, and a last line cut short by a crash: a resumed run writes them again. */
export async function cutMetrics(folder: string, step: number): Promise<void> {
  for (const name of [files.metrics, files.watch]) await cutLines(join(folder, name), step);
}

async function cutLines(path: string, step: number): Promise<void> {
  if (!existsSync(path)) return;
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => {
    try {
      return (JSON.parse(line) as { step: number }).step <= step;
    } catch {
      return false;
    }
  });
  await writeFileAtomic(path, lines.map((line) => `${line}\n`).join(''));
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
