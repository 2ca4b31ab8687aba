import { GPT } from '../../models/gpt.ts';
import {
  AdamW,
  decayGroups,
  describeGroups,
  type OptimizerState,
  warmupCosine,
} from '../../optimizers/index.ts';
import { CharTokenizer } from '../tokenizers/index.ts';
import type { Checkpoint } from '../train/index.ts';
import { type RunConfig, runConfig } from './config.ts';

export type Run = ReturnType<typeof build>;

/** The parts of a run, from its config: the same whether it starts, resumes, or only samples. */
export function build(config: RunConfig, vocabSize: number) {
  const {
    context,
    layers,
    heads,
    width,
    activation,
    norm,
    normLayer,
    positions,
    qkNorm,
    bias,
    dropout,
    initStd,
  } = config;
  const { keyValueHeads, weightDecay, lr, warmup, steps } = config;
  const options = {
    vocabSize,
    context,
    layers,
    heads,
    keyValueHeads: keyValueHeads ?? heads,
    width,
    // The name of an activation comes from a command line or a file; the model checks that it is one.
    activation: activation as 'gelu',
    norm,
    normLayer,
    positions,
    qkNorm,
    bias,
    dropout,
    initStd,
    positionInit: 'sinusoidal' as const,
  };
  const model = new GPT(options);
  const groups = decayGroups(model, { weightDecay });
  const optimizer = new AdamW(groups, { lr, betas: [0.9, 0.99] });
  const schedule = warmupCosine({ peak: lr, floor: lr / 50, warmup, steps });
  return { config, model, optimizer, schedule, groups: describeGroups(groups) };
}

/** The run that wrote a checkpoint, as it was then; `changes` are settings that may differ from now on. */
export function rebuild(
  checkpoint: Checkpoint,
  changes: Partial<RunConfig> = {},
): { run: Run; tokenizer: CharTokenizer } {
  const { config: saved, tokenizer: json } = checkpoint.info as { config: RunConfig; tokenizer: unknown };
  const tokenizer = CharTokenizer.fromJSON(json);
  const run = build(runConfig({ ...saved, ...changes }), tokenizer.vocabSize);
  run.model.loadStateDict(checkpoint.model);
  run.optimizer.loadStateDict(checkpoint.optimizer as unknown as OptimizerState);
  return { run, tokenizer };
}
