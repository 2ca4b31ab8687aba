import { gptSettings } from '../../models/gptOptions.ts';
import { check } from '../tensor/index.ts';
import type { Checkpoint } from '../train/index.ts';
import type { RunConfig } from './config.ts';

/** Numbers that positions may take beyond those in the file: 64 MiB. Other positions than learned ones have none there. */
const FOR_POSITIONS = 2 ** 24;

/** Checks that a model is no larger than the weights in its file, before it is built. */
export function checkSizes({ model }: RunConfig, vocabSize: number, checkpoint: Checkpoint): void {
  const where = 'checkpoint';
  const settings = gptSettings({ ...model, vocabSize });
  const { context, layers, width, heads, hidden = 4 * width, headSize = width / heads } = settings;
  const found = [...checkpoint.model.values()].reduce((sum, { size }) => sum + size, 0);
  const inBlocks = layers * width * Math.max(hidden, heads * headSize, 1);
  const needed = Math.max(inBlocks + vocabSize * width, context * width - FOR_POSITIONS);
  const blocks = new Set([...checkpoint.model.keys()].map((name) => /^blocks\.(\d+)\./.exec(name)?.[1]));
  check(
    needed <= found && layers <= blocks.size,
    where,
    'the file has the weights of the model that it describes',
    () => `${found} numbers in ${blocks.size} blocks for ${layers} blocks of width ${width}`,
    () => 'the file is damaged, or made to do harm',
  );
}

/** Checks that a saved optimizer has made as many updates as the steps before it say. */
export function checkUpdates(checkpoint: Checkpoint, skipped: number): void {
  const { step, optimizer } = checkpoint;
  const parts = Array.isArray(optimizer.optimizers) ? (optimizer.optimizers as unknown[]) : [optimizer];
  for (const part of parts) {
    const { steps } = (part ?? {}) as { steps?: unknown };
    check(
      steps === step - skipped,
      'checkpoint',
      'its optimizer has made an update in each step that was not skipped',
      () => `${steps} updates in ${step} steps, ${skipped} of them skipped`,
      () => 'the file is damaged',
    );
  }
}
