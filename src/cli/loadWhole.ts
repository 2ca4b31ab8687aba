import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvariantError } from '../tensor/index.ts';
import { type Checkpoint, loadCheckpoint } from '../train/index.ts';
import { files, isStepFile } from './folder.ts';
import { visible } from './visible.ts';

/**
 * Loads a checkpoint of a run's folder; where it is broken or gone, the newest one beside it that is whole. Each
 * broken one is named on stderr. Errors: none is whole.
 */
export async function loadWhole(path: string): Promise<Checkpoint> {
  try {
    return await loadCheckpoint(path);
  } catch (error) {
    const others = existsSync(dirname(path)) ? await wholeBeside(path) : [];
    const [newest] = others.sort((a, b) => b.checkpoint.step - a.checkpoint.step);
    if (newest === undefined) throw error;
    sayBroken(error);
    console.error(`warning: instead of it, ${newest.path} of step ${newest.checkpoint.step} is taken`);
    return newest.checkpoint;
  }
}

/** The checkpoints beside one that can be read: the last, those of steps, then the best, which has no averages. */
async function wholeBeside(path: string): Promise<{ path: string; checkpoint: Checkpoint }[]> {
  const folder = dirname(path);
  const there = readdirSync(folder);
  const names = [files.checkpoint, ...there.filter(isStepFile), files.best];
  const whole: { path: string; checkpoint: Checkpoint }[] = [];
  for (const other of names.filter((name) => there.includes(name)).map((name) => join(folder, name))) {
    if (other === path) continue;
    try {
      whole.push({ path: other, checkpoint: await loadCheckpoint(other) });
    } catch (error) {
      sayBroken(error);
    }
  }
  return whole;
}

function sayBroken(error: unknown): void {
  if (!(error instanceof InvariantError)) throw error;
  console.error(`warning: ${visible(error.message, process.stderr)}`);
}
