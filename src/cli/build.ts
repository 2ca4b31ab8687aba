import { GPT } from '../../models/gpt.ts';
import { describeGroups, type OptimizerState, warmupCosine } from '../../optimizers/index.ts';
import { CharTokenizer } from '../tokenizers/index.ts';
import type { Checkpoint } from '../train/index.ts';
import { type RunConfig, savedConfig } from './config.ts';
import { makeOptimizer } from './optimizer.ts';

/** A run: its settings, model, optimizer and schedule, and its decay groups in words. */
export type Run = ReturnType<typeof build>;

/** Builds a run from its config: the same whether it starts, resumes, or only samples. */
export function build(config: RunConfig, vocabSize: number) {
  const { lr, warmup, steps } = config;
  const model = new GPT({ ...config.model, vocabSize });
  const optimizer = makeOptimizer(config.optimizer, model, config);
  const schedule = warmupCosine({ peak: lr, floor: lr / 50, warmup, steps });
  return { config, model, optimizer, schedule, groups: describeGroups(optimizer.groups) };
}

/** Builds the run that wrote a checkpoint, as it was then, perhaps with another number of steps. */
export function rebuild(checkpoint: Checkpoint, steps?: number): { run: Run; tokenizer: CharTokenizer } {
  const { config, tokenizer: json } = checkpoint.info as { config: RunConfig; tokenizer: unknown };
  const tokenizer = CharTokenizer.fromJSON(json);
  const run = build(savedConfig(config, steps), tokenizer.vocabSize);
  run.model.loadStateDict(checkpoint.model);
  run.optimizer.loadStateDict(checkpoint.optimizer as unknown as OptimizerState);
  return { run, tokenizer };
}
