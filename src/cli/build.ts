import { GPT } from '../../models/gpt.ts';
import { describeGroups, type OptimizerState, warmupCosine } from '../../optimizers/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';
import type { Checkpoint } from '../train/index.ts';
import { type RunConfig, savedConfig } from './config.ts';
import { makeOptimizer } from './optimizer.ts';
import { restoredTokenizer } from './savedTokenizer.ts';

/** A run: its settings, model, optimizer and schedule, and its decay groups in words. */
export type Run = ReturnType<typeof build>;

/** What may be said anew of a run that is rebuilt. */
interface Anew {
  readonly steps?: number | undefined;
  /** The path of the tokenizer, if that is a program. */
  readonly tokenizer?: string | undefined;
}

/** Builds a run from its config: the same whether it starts, resumes, or only samples. */
export function build(config: RunConfig, vocabSize: number) {
  const { lr, warmup, steps } = config;
  const model = new GPT({ ...config.model, vocabSize });
  const optimizer = makeOptimizer(config.optimizer, model, config);
  const schedule = warmupCosine({ peak: lr, floor: lr / 50, warmup, steps });
  return { config, model, optimizer, schedule, groups: describeGroups(optimizer.groups) };
}

/** Builds the run that wrote a checkpoint, as it was then, perhaps with another number of steps. */
export async function rebuild(
  checkpoint: Checkpoint,
  { steps, tokenizer: path }: Anew = {},
): Promise<{ run: Run; tokenizer: Tokenizer }> {
  const { config, tokenizer: saved } = checkpoint.info as { config: RunConfig; tokenizer: unknown };
  const tokenizer = await restoredTokenizer('checkpoint', saved, path);
  const run = build(savedConfig(config, steps), tokenizer.vocabSize);
  run.model.loadStateDict(checkpoint.model);
  run.optimizer.loadStateDict(checkpoint.optimizer as unknown as OptimizerState);
  return { run, tokenizer };
}
