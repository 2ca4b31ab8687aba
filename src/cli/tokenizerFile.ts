import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { check, display, fail } from '../tensor/index.ts';
import { BPETokenizer, type Tokenizer, tokenizerFromJSON } from '../tokenizers/index.ts';

/** Whether a path is that of a program. */
export function isModule(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

/**
 * Reads a tokenizer: a tokenizer.json, a folder with one or with vocab.json and merges.txt, or a program whose
 * default export is a `Tokenizer`.
 */
export async function readTokenizer(path: string): Promise<Tokenizer> {
  if (isModule(path)) return importTokenizer(path);
  if (!(await stat(path)).isDirectory()) return tokenizerFromJSON(await parsed(path));
  const [json, vocab, merges] = ['tokenizer.json', 'vocab.json', 'merges.txt'].map((name) =>
    join(path, name),
  );
  if (existsSync(json!)) return tokenizerFromJSON(await parsed(json!));
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

async function importTokenizer(path: string): Promise<Tokenizer> {
  const where = `tokenizer ${path}`;
  const hint = 'Node before 22.18 reads no .ts: compile it to .js';
  const { default: found } = (await import(pathToFileURL(resolve(path)).href).catch(
    (error: Error & { code?: string }) =>
      fail(
        where,
        'the program can be run',
        error.message,
        error.code === 'ERR_UNKNOWN_FILE_EXTENSION' ? hint : undefined,
      ),
  )) as { default?: Partial<Tokenizer> };
  const methods = ['encode', 'decode', 'stream', 'countBytes', 'toJSON'] as const;
  const missing = methods.find((name) => typeof found?.[name] !== 'function');
  check(
    missing === undefined,
    where,
    'its default export is a Tokenizer',
    () => display(found),
    () => `it lacks ${missing}()`,
  );
  const { vocabSize, specialTokens } = found!;
  check(
    Number.isInteger(vocabSize) && vocabSize! > 0 && specialTokens instanceof Map,
    where,
    'its Tokenizer has a vocabSize ≥ 1 and a Map of specialTokens',
    () => `${display(vocabSize)} and ${display(specialTokens)}`,
  );
  return found as Tokenizer;
}
