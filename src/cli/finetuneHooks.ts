import { join } from 'node:path';
import { loraState } from '../nn/index.ts';
import { randomState } from '../tensor/index.ts';
import { encodeCheckpoint, every, type Hook } from '../train/index.ts';
import { answerLoss } from './answers.ts';
import type { FinetuneInfo } from './finetuneInfo.ts';
import { files } from './folder.ts';
import type { LogFile } from './logFile.ts';
import type { Progress } from './progress.ts';
import { indented } from './samples.ts';
import type { NewFile, SaverOptions } from './saver.ts';
import type { Tuning } from './tuning.ts';

/** A fine-tuning that knows the loss of the answers held out before its first step. */
type Begun = Tuning & Pick<FinetuneInfo, 'before'>;

/** Prints the loss of the answers held out, and an answer to read. It draws random numbers; see `evaluation`. */
export function answering(log: LogFile, tuning: Tuning, { print }: Progress): Hook {
  const evaluate: Hook = ({ step }) => {
    const { heldOut } = tuning.answers;
    const loss = answerLoss(tuning.model, heldOut);
    log.add({ step, validationLoss: loss });
    print(`step ${step}: loss of the answers ${loss.toFixed(3)} (${heldOut.pairs.length} held out)`);
    print(answerText(tuning, heldOut.pairs[0]!.prompt));
  };
  return every(tuning.config.evalEvery, evaluate, { whenStopped: false });
}

/** A prompt and the model's most probable answer, as they are shown. */
export function answerText({ model, tokenizer, stop }: Tuning, prompt: string): string {
  const room = Math.min(200, model.options.context);
  const ids = [...model.stream(tokenizer.encode(prompt), { maxTokens: room, temperature: 0, stop: stop.id })];
  const answer = tokenizer.decode(ids.filter((id) => id !== stop.id));
  return indented(`${prompt}\n→ ${answer}`);
}

/** The file that keeps a fine-tuning: all weights, or the adapters alone. */
export function savingTunedOf(out: string, tuning: Begun): Pick<SaverOptions, 'filesOf'> {
  const { about, origin, run, config, model, optimizer, answers, before, stop } = tuning;
  const { data, lora, alpha, targets, stop: _, ...shared } = config;
  const saved = { ...config, stop: stop.name };
  const finetune: FinetuneInfo = { ...about, config: saved, dataHash: answers.hash, before };
  const whole = { ...origin.info, config: { ...run.config, ...shared }, merged: false };
  return {
    *filesOf(step): Iterable<NewFile> {
      const bytes = encodeCheckpoint({
        step,
        model: lora > 0 ? loraState(model) : model.stateDict(),
        optimizer: { ...optimizer.stateDict() },
        random: randomState(),
        info: { ...(lora === 0 && whole), finetune },
      });
      yield [join(out, files.checkpoint), bytes];
    },
  };
}
