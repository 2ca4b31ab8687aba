import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { openTokens } from '../data/index.ts';
import { check } from '../tensor/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';
import type { Corpus } from './corpus.ts';
import { saidBy } from './savedTokenizer.ts';
import { sha256 } from './sha256.ts';
import { usualPrompt } from './usualPrompt.ts';

/** Tokens of which the usual start of samples is found. */
const LOOKED_AT = 2 ** 20;

/** Whether data are prepared tokens: a folder. A config file may say anything. */
export function isPrepared(data: unknown): boolean {
  return typeof data === 'string' && statSync(data, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Opens prepared tokens, which must be those of the tokenizer. */
export async function tokenCorpus(
  folder: string,
  tokenizerOf: (texts: readonly string[]) => Tokenizer | Promise<Tokenizer>,
): Promise<Corpus> {
  const { header, train, validation, documents } = await openTokens(folder);
  const tokenizer = await tokenizerOf([]);
  const where = `data ${folder}`;
  check(
    JSON.stringify(saidBy(header.tokenizer)) === JSON.stringify(tokenizer),
    where,
    'the data was prepared with the tokenizer of the model',
    () => `one of ${header.vocabSize} tokens, and a model of ${tokenizer.vocabSize}, or other tokens`,
    () => 'prepare it with that: scratchformer prepare --tokenizer …',
  );
  check(
    train.length > 1 && validation.length > 1,
    where,
    'both parts have at least two tokens',
    () => `${train.length} for training and ${validation.length} for validation`,
    () => 'a few thousand is where learning starts to show',
  );
  const some = train.subarray(0, LOOKED_AT);
  const name = basename(resolve(folder));
  const hash = sha256(JSON.stringify(header));
  return { name, hash, tokenizer, train, validation, documents, prompt: usualPrompt(tokenizer, some) };
}
