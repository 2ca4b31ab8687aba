import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readTokenHeader } from '../data/index.ts';
import { check, fail } from '../tensor/index.ts';
import { BPETokenizer, type Tokenizer, tokenizerFromJSON } from '../tokenizers/index.ts';
import { restoredTokenizer } from './savedTokenizer.ts';
import { importTokenizer, isModule } from './tokenizerProgram.ts';

/**
 * Reads a tokenizer: a tokenizer.json; a folder with one, with vocab.json and merges.txt, or with prepared tokens;
 * or a program whose default export is a `Tokenizer`.
 */
export async function readTokenizer(path: string): Promise<Tokenizer> {
  if (isModule(path)) return importTokenizer(path);
  if (!(await stat(path)).isDirectory()) return tokenizerFromJSON(await parsed(path));
  const [json, vocab, merges] = ['tokenizer.json', 'vocab.json', 'merges.txt'].map((name) =>
    join(path, name),
  );
  if (existsSync(json!)) return tokenizerFromJSON(await parsed(json!));
  if (existsSync(join(path, 'tokens.json')))
    return restoredTokenizer(`tokenizer ${path}`, (await readTokenHeader(path)).tokenizer);
  check(
    existsSync(vocab!) && existsSync(merges!),
    `tokenizer ${path}`,
    'the folder has a tokenizer.json, or a vocab.json and a merges.txt',
    () => 'neither',
  );
  const [vocabText, mergesText] = await Promise.all([vocab!, merges!].map((file) => readFile(file, 'utf8')));
  return BPETokenizer.fromVocabAndMerges({ vocab: vocabText!, merges: mergesText! });
}

async function parsed(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    fail(`tokenizer ${path}`, 'the file is a tokenizer.json or a program', (error as Error).message);
  }
}
