import { existsSync } from 'node:fs';
import { check, suggest } from '../tensor/index.ts';
import {
  BPETokenizer,
  ByteTokenizer,
  CharTokenizer,
  type Tokenizer,
  WordTokenizer,
} from '../tokenizers/index.ts';
import { bar } from './bar.ts';
import { readTokenizer } from './tokenizerFile.ts';

/** What tokenizers are made by, beside texts. */
export interface TokenizerSettings {
  /** The kind, or the path of a tokenizer that is there already. */
  readonly tokenizer: string;
  /** The most tokens of a `bpe`. Default 512. */
  readonly vocabSize?: number | undefined;
  /** Special tokens of `bytes` and `bpe`. Default none. */
  readonly specialTokens?: readonly string[];
}

type Make = (
  texts: readonly string[],
  options: { vocabSize: number; specialTokens: readonly string[] },
) => Tokenizer;

/** The kinds that are made here. */
const kinds: Readonly<Record<string, Make>> = {
  char: (texts) => CharTokenizer.from(texts.join('')),
  bytes: (_, { specialTokens }) => new ByteTokenizer({ specialTokens }),
  bpe(texts, options) {
    const { update, stop } = bar('learning tokens', options.vocabSize);
    try {
      return BPETokenizer.train(texts, { ...options, onProgress: update });
    } finally {
      stop();
    }
  },
  word: (texts) => WordTokenizer.from(texts.join('')),
};

/** Makes a tokenizer of its kind for texts, or reads the one at its path. */
export async function makeTokenizer(
  settings: TokenizerSettings,
  texts: readonly string[],
): Promise<Tokenizer> {
  const { tokenizer: kind, vocabSize, specialTokens = [] } = settings;
  const where = '--tokenizer';
  check(
    vocabSize === undefined || kind === 'bpe',
    '--vocab-size',
    'it is for the tokenizer bpe alone',
    () => `${vocabSize} for ${kind}`,
  );
  const make = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (make) return make(texts, { vocabSize: vocabSize ?? 512, specialTokens });
  check(
    existsSync(kind),
    where,
    'it is a kind of tokenizer, or the path of one',
    () => JSON.stringify(kind),
    () => suggest(kind, Object.keys(kinds)),
  );
  return readTokenizer(kind);
}

/** What a token is, in a word. */
export function unitOf(tokenizer: Tokenizer): 'character' | 'token' {
  return tokenizer instanceof CharTokenizer ? 'character' : 'token';
}
