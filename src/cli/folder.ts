import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../io/index.ts';
import { fail } from '../tensor/index.ts';

/** What a run writes into its folder. */
export const files = { checkpoint: 'checkpoint.safetensors', metrics: 'metrics.jsonl' };

/**
 * What an earlier run left in the folder moves to `earlier-1`, `earlier-2`, … inside it. Returns where, or
 * null.
 */
export async function setEarlierRunAside(folder: string): Promise<string | null> {
  const found = Object.values(files).filter((name) => existsSync(join(folder, name)));
  if (found.length === 0) return null;
  let number = 1;
  while (existsSync(join(folder, `earlier-${number}`))) number++;
  const earlier = join(folder, `earlier-${number}`);
  await makeFolder(earlier);
  for (const name of found) await rename(join(folder, name), join(earlier, name));
  return earlier;
}

/** Drops the metrics after `step`, and a line that a crash has torn: a resumed run writes them again. */
export async function cutMetrics(folder: string, step: number): Promise<void> {
  const path = join(folder, files.metrics);
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
