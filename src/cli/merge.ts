import { join, resolve } from 'node:path';
import { check } from '../tensor/index.ts';
import { loadCheckpoint, saveCheckpoint } from '../train/index.ts';
import { files, makeFolder } from './folder.ts';
import { hasAdapters, mergedRun } from './loadRun.ts';
import { whileLocked } from './lock.ts';
import { setAside } from './running.ts';

/** The flags of `merge`. */
export interface MergeFlags {
  readonly checkpoint: string;
  readonly adapter: string;
  readonly out: string;
}

/** Runs `scratchformer merge`. */
export async function merge({ checkpoint, adapter, out }: MergeFlags): Promise<void> {
  const adapters = await loadCheckpoint(join(adapter, files.checkpoint));
  check(
    hasAdapters(adapters),
    'merge',
    '--adapter is the folder of a fine-tuning with --lora',
    () => `${adapter}, the weights of a whole model`,
  );
  const sources = [checkpoint, adapter].map((folder) => resolve(folder));
  check(!sources.includes(resolve(out)), 'merge', '--out is a folder of its own', () => out);
  const merged = await mergedRun(adapters, checkpoint);
  await makeFolder(out);
  await whileLocked(out, async () => {
    await setAside(out);
    await saveCheckpoint(join(out, files.checkpoint), merged);
  });
  console.log(`checkpoint: ${join(out, files.checkpoint)}, the model of ${checkpoint} with ${adapter} in its weights`); // biome-ignore format: one line
}
