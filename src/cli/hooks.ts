import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomState } from '../tensor/index.ts';
import { evaluateLoss, type Hook, saveCheckpoint } from '../train/index.ts';
import type { Run } from './build.ts';
import type { Corpus } from './corpus.ts';
import { files } from './folder.ts';
import type { Progress } from './progress.ts';
import { sampleText } from './samples.ts';

/** One JSON object a line, without times: the same run writes the same bytes. */
export function logMetrics(out: string, values: Record<string, number>): void {
  appendFileSync(join(out, files.metrics), `${JSON.stringify(values)}\n`);
}

export function metrics(out: string): Hook {
  return ({ step, loss, lr, gradientNorm }) => logMetrics(out, { step, loss, lr, gradientNorm });
}

/** Loss on unseen text, and a sample to read. */
export function evaluation(out: string, run: Run, corpus: Corpus, { print }: Progress): Hook {
  return ({ step, trainer }) => {
    if (trainer.stopped) return;
    const validationLoss = validate(run, corpus, 4096);
    logMetrics(out, { step, validationLoss });
    const bound = corpus.grammar ? ` (best possible ${corpus.grammar.entropy.toFixed(3)})` : '';
    print(`step ${step}: validation loss ${validationLoss.toFixed(3)}${bound}\n  ${sampleText(run.model, corpus)}`);
  };
}

export function saving(out: string, run: Run, corpus: Corpus): Hook {
  return ({ step }) =>
    saveCheckpoint(join(out, files.checkpoint), {
      step,
      model: run.model.stateDict(),
      optimizer: { ...run.optimizer.stateDict() },
      random: randomState(),
      info: { config: run.config, tokenizer: corpus.tokenizer.toJSON() },
    });
}

/** Nats per character over the beginning of the validation text; each is predicted from ¾ of a context or more. */
export function validate({ model, config }: Run, { validation }: Corpus, characters: number): number {
  const context = Math.min(config.context, validation.length - 1);
  const stride = Math.max(1, Math.floor(context / 4));
  return evaluateLoss(model, validation.subarray(0, characters), { context, stride, batchSize: 16 });
}
