import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { InvariantError, manualSeed } from '../tensor/index.ts';
import { rebuildForUse } from './build.ts';
import { loadRun } from './loadRun.ts';
import { END_OF_TEXT } from './usualPrompt.ts';
import { visible } from './visible.ts';
import { continuation } from './write.ts';

/** The flags of `chat`. */
export interface ChatFlags {
  readonly checkpoint: string;
  readonly last?: boolean;
  readonly tokenizer?: string;
  /** What stands around a line of the user, which is `{}` in it. */
  readonly template: string;
  /** The text that ends an answer. */
  readonly stop?: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed: number;
}

/**
 * Runs `scratchformer chat`: each line is a prompt of its own, in a terminal or in a pipe. Ctrl-C ends the
 * answer, and where none is being given the program.
 */
export async function chat(flags: ChatFlags): Promise<void> {
  const { checkpoint, last, tokenizer: path, template, seed, stop, ...options } = flags;
  const { run, tokenizer } = await rebuildForUse(await loadRun(checkpoint, last), path);
  const end = stop ?? (tokenizer.specialTokens.has(END_OF_TEXT) ? END_OF_TEXT : '\n');
  manualSeed(seed);
  await eachLine(async (line, interrupted) => {
    const prompt = template.replace('{}', () => line);
    for (const piece of continuation(run.model, tokenizer, prompt, { ...options, stop: end })) {
      process.stdout.write(visible(piece));
      await setImmediate(); // a signal gets its turn
      if (interrupted() || process.stdout.errored) break;
    }
    process.stdout.write('\n');
  });
}

/** Answers each line that is not empty, until the input or an interrupt between answers ends it. */
async function eachLine(answer: (line: string, interrupted: () => boolean) => Promise<void>): Promise<void> {
  const { stdin, stdout } = process;
  const lines = createInterface({ input: stdin, output: stdin.isTTY ? stdout : undefined, prompt: '> ' });
  let state: 'waiting' | 'answering' | 'interrupted' = 'waiting';
  const interrupt = () => {
    if (state === 'waiting') lines.close();
    else state = 'interrupted';
  };
  lines.on('SIGINT', interrupt); // of a terminal, which hands keys over
  process.on('SIGINT', interrupt);
  const ask = () => stdin.isTTY && lines.prompt();
  try {
    ask();
    for await (const line of lines) {
      state = 'answering';
      if (line !== '') await answer(line, () => state === 'interrupted').catch(sayInvalid);
      if (stdout.errored) break;
      state = 'waiting';
      ask();
    }
  } finally {
    process.off('SIGINT', interrupt);
    lines.close();
    stdin.unref?.();
  }
}

/** Prints what is wrong with a line, such as an unknown character; the next may be better. */
function sayInvalid(error: unknown): void {
  if (!(error instanceof InvariantError)) throw error;
  console.error(`error: ${visible(error.message, process.stderr)}`);
}
