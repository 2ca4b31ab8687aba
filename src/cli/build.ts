import { GPT } from '../../models/gpt.ts';
import { describeGroups, EMA, type EMAState, type OptimizerState } from '../../optimizers/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';
import type { Checkpoint } from '../train/index.ts';
import { checkSizes } from './checkSizes.ts';
import { type Changes, type RunConfig, savedConfig } from './config.ts';
import { makeOptimizer } from './optimizer.ts';
import { restoredTokenizer } from './savedTokenizer.ts';
import { makeSchedule } from './schedule.ts';
import { Track, type TrackState } from './track.ts';

/** A run: its settings, model, optimizer, schedule and course, and its decay groups in words. */
export type Run = ReturnType<typeof build>;

/** What may be said anew of a run that is rebuilt. */
interface Anew extends Changes {
  /** The path of the tokenizer, if that is a program. */
  readonly tokenizer?: string | undefined;
}

/** Builds a run from its config: the same whether it starts, resumes, or only samples. */
export function build(config: RunConfig, vocabSize: number) {
  const model = new GPT({ ...config.model, vocabSize });
  const optimizer = makeOptimizer(config.optimizer, model, config);
  // The correction soon forgets the weights of the start, of which a short run would be full.
  const averages = { decay: config.ema, biasCorrection: true };
  const ema = config.ema > 0 ? new EMA(model.parameters(), averages) : null;
  const schedule = makeSchedule(config.schedule, config);
  return {
    config,
    model,
    optimizer,
    ema,
    schedule,
    track: new Track(),
    groups: describeGroups(optimizer.groups),
  };
}

/** What a run writes into its checkpoints beside tensors. */
interface Info {
  readonly config: RunConfig;
  readonly tokenizer: unknown;
  readonly track?: TrackState;
}

/** A run of a checkpoint, and the tokenizer of its text. */
export interface Rebuilt {
  readonly run: Run;
  readonly tokenizer: Tokenizer;
}

/** Builds the run that wrote a checkpoint, as it was then, perhaps with a few settings changed. */
export async function rebuild(
  checkpoint: Checkpoint,
  { tokenizer: path, ...changes }: Anew = {},
): Promise<Rebuilt> {
  const { config, tokenizer: saved, track } = checkpoint.info as unknown as Info;
  const tokenizer = await restoredTokenizer('checkpoint', saved, path);
  const whole = savedConfig(config, changes);
  checkSizes(whole, tokenizer.vocabSize, checkpoint);
  const run = build(whole, tokenizer.vocabSize);
  run.model.loadStateDict(checkpoint.model);
  const groups: readonly { name: string; weightDecay?: number }[] = run.optimizer.groups;
  const decays = groups.map(({ weightDecay }) => weightDecay);
  run.optimizer.loadStateDict(checkpoint.optimizer as unknown as OptimizerState);
  if (changes.weightDecay !== undefined)
    for (const [i, group] of groups.entries()) Object.assign(group, { weightDecay: decays[i] });
  if (checkpoint.ema) run.ema?.loadStateDict(checkpoint.ema as unknown as EMAState);
  run.track.restore(track);
  return { run, tokenizer };
}

/** Builds the run that wrote a checkpoint for use: averages, if there are some, are its weights. */
export async function rebuildForUse(checkpoint: Checkpoint, tokenizer?: string): Promise<Rebuilt> {
  const rebuilt = await rebuild(checkpoint, { tokenizer });
  if (checkpoint.ema) rebuilt.run.ema?.swap();
  return rebuilt;
}
