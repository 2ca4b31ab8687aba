import type { GPT } from '../../models/gpt.ts';
import type { GenerateOptions } from '../generation/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';

/** The options of `continuation`: those of generation, but it is a text that ends it. */
export type WritingOptions = Omit<GenerateOptions, 'stop'> & { readonly stop?: string | undefined };

/** What the model writes after a prompt, in pieces of text as they come, up to the text `stop` if given. */
export function continuation(
  model: GPT,
  tokenizer: Tokenizer,
  prompt: string,
  { stop = '', ...options }: WritingOptions,
): Generator<string> {
  const ids = model.stream(tokenizer.encode(prompt, { matchSpecial: true }), options);
  const pieces = decoded(tokenizer, ids);
  return stop === '' ? pieces : until(stop, pieces);
}

function* decoded(tokenizer: Tokenizer, ids: Iterable<number>): Generator<string> {
  const stream = tokenizer.stream();
  for (const id of ids) yield stream.push(id);
  yield stream.end();
}

/** The pieces up to where they first spell `stop`; what may be its beginning waits for the rest. */
export function* until(stop: string, pieces: Iterable<string>): Generator<string> {
  let held = '';
  for (const piece of pieces) {
    held += piece;
    const end = held.indexOf(stop);
    const ready = end >= 0 ? end : held.length - overlap(held, stop);
    yield held.slice(0, ready);
    if (end >= 0) return;
    held = held.slice(ready);
  }
  yield held;
}

/** Length of the longest end of `text` that is a beginning of `stop`. */
function overlap(text: string, stop: string): number {
  let length = Math.min(text.length, stop.length - 1);
  while (!text.endsWith(stop.slice(0, length))) length--;
  return length;
}
