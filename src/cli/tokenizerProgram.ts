import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { check, display, fail } from '../tensor/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';

/** Whether a path is that of a program. */
export function isModule(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

/** Runs a program whose default export is a `Tokenizer`. */
export async function importTokenizer(path: string): Promise<Tokenizer> {
  const where = `tokenizer ${path}`;
  const hint = 'Node before 22.18 reads no .ts: compile it to .js';
  const { default: exported } = (await import(pathToFileURL(resolve(path)).href).catch(
    (error: Error & { code?: string }) =>
      fail(
        where,
        'the program can be run',
        error.message,
        error.code === 'ERR_UNKNOWN_FILE_EXTENSION' ? hint : undefined,
      ),
  )) as { default?: Partial<Tokenizer> & { readonly default?: Partial<Tokenizer> } };
  const found = exported?.default ?? exported; // a module of CommonJS comes as a whole
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
