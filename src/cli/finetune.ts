import { join } from 'node:path';
import { type Batch, randomAnswers } from '../data/index.ts';
import { backendInUse } from '../kernels/index.ts';
import { check } from '../tensor/index.ts';
import { type Checkpoint, Trainer } from '../train/index.ts';
import { answerLoss, lossInWords } from './answers.ts';
import type { FinetuneConfig } from './finetuneConfig.ts';
import { answering, answerText, savingTunedOf } from './finetuneHooks.ts';
import { cutMetrics, files, makeFolder } from './folder.ts';
import { metrics } from './hooks.ts';
import { loadWhole } from './loadWhole.ts';
import { type Lock, whileLocked } from './lock.ts';
import { LogFile } from './logFile.ts';
import { progress } from './progress.ts';
import { Rescue, runUntilInterrupted, sayStopped, setAside } from './running.ts';
import { Saver } from './saver.ts';
import { resumedTuning, startedTuning, type Tuning } from './tuning.ts';

/** The flags of `finetune`. */
export type FinetuneFlags = Partial<FinetuneConfig> & {
  readonly out: string;
  readonly checkpoint?: string;
  readonly resume?: boolean;
};

/** Runs `scratchformer finetune`. Settings are tried out before the folder is made. */
export async function finetune({ out, resume = false, ...flags }: FinetuneFlags): Promise<void> {
  const fresh = resume ? null : await begun(out, flags);
  if (fresh) await makeFolder(out);
  await whileLocked(out, async (lock) => {
    const saved = fresh ? null : await loadWhole(join(out, files.checkpoint));
    await tuneIn(out, fresh ?? (await resumedTuning(out, saved!, flags)), saved, lock);
  });
}

async function tuneIn(
  out: string,
  tuning: Awaited<ReturnType<typeof startedTuning>>,
  saved: Checkpoint | null,
  lock: Lock,
): Promise<void> {
  const { config, model, optimizer, schedule, answers, before } = tuning;
  const startStep = saved?.step ?? 0;
  describe(tuning, before);
  const shown = progress(startStep, config.steps);
  const { warn } = shown;
  const log = new LogFile(join(out, files.metrics), warn);
  const saver = new Saver({
    ...savingTunedOf(out, tuning),
    interval: config.evalEvery,
    startStep,
    log,
    warn,
  });
  const rescue = new Rescue();
  const { steps, clip, batchSize } = config;
  const nextBatch = () => randomAnswers(answers.learned.encoded, { batchSize });
  const hooks = [
    lock.check,
    shown.hook,
    metrics(log),
    answering(log, tuning, shown),
    saver.hook,
    rescue.hook,
  ];
  const trainer = new Trainer<Batch>({
    model,
    optimizer,
    schedule,
    nextBatch,
    steps,
    clip,
    startStep,
    hooks,
  });
  if (saved) await cutMetrics(out, startStep, trainer.finished);
  else await setAside(out);
  const interrupted = trainer.finished
    ? 0
    : await runUntilInterrupted(trainer, shown).catch(async (error) => {
        await rescue.save(error, trainer, saver, lock);
        throw error;
      });
  if (trainer.stopped) {
    sayStopped('finetune', out, trainer, saver);
    process.exitCode = interrupted;
  } else conclude(out, tuning, before, log);
  if (saver.failed) process.exitCode = 1;
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
function conclude(out: string, tuning: Tuning, before: number, log: LogFile): void {
  const { config, model, answers, about } = tuning;
  const after = answerLoss(model, answers.heldOut);
  log.add({ step: config.steps, before, finalValidationLoss: after });
  const [was, is] = [before, after].map((loss) => lossInWords(loss, answers.heldOut));
  console.log(`\nloss of the answers held out\n  before  ${was}\n  after   ${is}\n`);
  const prompts = new Set(answers.heldOut.pairs.map(({ prompt }) => prompt));
  for (const prompt of [...prompts].slice(0, 3)) console.log(answerText(tuning, prompt));
  console.log(`\ncheckpoint: ${join(out, files.checkpoint)}`);
  console.log(`answers:    npx scratchformer sample --checkpoint ${out} --prompt …`);
  const base = join(out, about.base);
  if (config.lora > 0)
    console.log(`one model:  npx scratchformer merge --checkpoint ${base} --adapter ${out} --out …`);
  log.flush();
}
