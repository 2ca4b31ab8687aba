import { join } from 'node:path';
import { type Batch, randomAnswers } from '../data/index.ts';
import { backendInUse } from '../kernels/index.ts';
import { check } from '../tensor/index.ts';
import { loadCheckpoint, Trainer } from '../train/index.ts';
import { answerLoss, lossInWords } from './answers.ts';
import type { FinetuneConfig } from './finetuneConfig.ts';
import { answering, answerText, savingTuned } from './finetuneHooks.ts';
import { cutMetrics, files, makeFolder } from './folder.ts';
import { logMetrics, metrics } from './hooks.ts';
import { progress } from './progress.ts';
import { runUntilInterrupted, setAside } from './train.ts';
import { resumedTuning, startedTuning, type Tuning } from './tuning.ts';

/** The flags of `finetune`. */
export type FinetuneFlags = Partial<FinetuneConfig> & {
  readonly out: string;
  readonly checkpoint?: string;
  readonly resume?: boolean;
};

/** Runs `scratchformer finetune`. */
export async function finetune({ out, resume = false, ...flags }: FinetuneFlags): Promise<void> {
  const saved = resume ? await loadCheckpoint(join(out, files.checkpoint)) : null;
  const tuning = saved ? await resumedTuning(out, saved, flags) : await begun(out, flags);
  const { config, model, optimizer, schedule, answers, before } = tuning;
  const startStep = saved?.step ?? 0;
  await makeFolder(out);
  describe(tuning, before);
  const shown = progress(startStep, config.steps);
  const trainer = new Trainer<Batch>({
    model,
    optimizer,
    schedule,
    nextBatch: () => randomAnswers(answers.learned.encoded, { batchSize: config.batchSize }),
    steps: config.steps,
    clip: config.clip,
    startStep,
    hooks: [shown.hook, metrics(out), answering(out, tuning, shown), savingTuned(out, tuning)],
  });
  if (saved) await cutMetrics(out, startStep, trainer.finished);
  else await setAside(out);
  if (!trainer.finished) await runUntilInterrupted(trainer, shown);
  const { step } = trainer;
  if (trainer.stopped)
    console.log(`stopped after step ${step}; go on with: scratchformer finetune --out ${out} --resume`);
  else conclude(out, tuning, before);
}

function begun(out: string, { checkpoint, ...flags }: Omit<FinetuneFlags, 'out' | 'resume'>) {
  check(
    checkpoint !== undefined,
    'finetune',
    '--checkpoint is the folder of the run to begin from',
    () => 'none',
  );
  return startedTuning(out, checkpoint, flags);
}

/** Prints what is trained, and what it begins with. */
function describe({ config, model, answers, stop, about }: Tuning, before: number): void {
  const count = (value: number) => value.toLocaleString('en-US');
  const sizeOf = (parameters: readonly { readonly size: number }[]) =>
    count(parameters.reduce((all, { size }) => all + size, 0));
  const trained = sizeOf(model.parameters().filter(({ requiresGrad }) => requiresGrad));
  const [learned, heldOut] = [answers.learned, answers.heldOut].map(({ pairs }) => count(pairs.length));
  const { lora: rank, alpha, targets, data, steps, batchSize } = config;
  console.log(`data: ${data}, ${learned} answers to learn, ${heldOut} held out; they end with ${JSON.stringify(stop.name)}`); // biome-ignore format: one line
  const what =
    rank > 0 ? `adapters of rank ${rank}, alpha ${alpha}, in ${targets.join(', ')}` : 'all weights';
  console.log(`model: ${about.base}; trained are ${what}: ${trained} of ${sizeOf(model.parameters())} parameters`); // biome-ignore format: one line
  const { name, why } = backendInUse();
  console.log(`kernels: ${name} (${why})`);
  console.log(`training: ${count(steps)} steps of ${batchSize} answers; Ctrl-C stops after the current step and saves`); // biome-ignore format: one line
  console.log(`loss of the answers held out: ${lossInWords(before, answers.heldOut)}\n`);
}

/** Prints the loss of the answers before and after, some of them, and what to do with the model. */
function conclude(out: string, tuning: Tuning, before: number): void {
  const { config, model, answers, about } = tuning;
  const after = answerLoss(model, answers.heldOut);
  logMetrics(out, { step: config.steps, before, finalValidationLoss: after });
  const [was, is] = [before, after].map((loss) => lossInWords(loss, answers.heldOut));
  console.log(`\nloss of the answers held out\n  before  ${was}\n  after   ${is}\n`);
  const prompts = new Set(answers.heldOut.pairs.map(({ prompt }) => prompt));
  for (const prompt of [...prompts].slice(0, 3)) console.log(answerText(tuning, prompt));
  console.log(`\ncheckpoint: ${join(out, files.checkpoint)}`);
  console.log(`answers:    npx scratchformer sample --checkpoint ${out} --prompt …`);
  const base = join(out, about.base);
  if (config.lora > 0)
    console.log(`one model:  npx scratchformer merge --checkpoint ${base} --adapter ${out} --out …`);
}
