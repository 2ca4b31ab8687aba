import { check } from '../tensor/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';

const END_OF_TEXT = '<|endoftext|>';

/** A token that ends texts: its text or its name, and its id. */
export interface StopToken {
  readonly name: string;
  readonly id: number;
}

/**
 * The token that ends a text: a special token, or one whose text is exactly `name`. Default: the end of a
 * document, if the tokenizer has a token for it, else a line break.
 */
export function stopToken(tokenizer: Tokenizer, name?: string): StopToken {
  const { specialTokens, vocabSize } = tokenizer;
  const usual = specialTokens.has(END_OF_TEXT) ? END_OF_TEXT : '\n';
  const wanted = name ?? usual;
  const ids = Array.from({ length: vocabSize }, (_, id) => id);
  const id = specialTokens.get(wanted) ?? ids.find((id) => tokenizer.decode([id]) === wanted);
  check(
    id !== undefined,
    'stop',
    'the text ends with one token that the model knows',
    () => JSON.stringify(wanted),
    () => 'name another, such as a character that no answer has, by --stop',
  );
  return { name: wanted, id };
}
