import { check } from '../tensor/index.ts';
import { type Tokenizer, tokenizerFromJSON } from '../tokenizers/index.ts';
import { importTokenizer, isModule } from './tokenizerProgram.ts';

/** What is kept of a tokenizer: its JSON, and of one from a program only where it was and what it said. */
export function savedTokenizer(tokenizer: Tokenizer, path: string): object {
  return isModule(path) ? { type: 'module', path, says: tokenizer.toJSON() } : tokenizer.toJSON();
}

/** What the tokenizer said by `toJSON` when it was saved. */
export function saidBy(saved: unknown): unknown {
  const { type, says } = (saved ?? {}) as { type?: unknown; says?: unknown };
  return type === 'module' ? says : saved;
}

/**
 * The tokenizer that was saved. A program that a file names is not run unasked: `given` is its path, said anew.
 */
export async function restoredTokenizer(where: string, saved: unknown, given?: string): Promise<Tokenizer> {
  const { type, path } = (saved ?? {}) as { type?: unknown; path?: unknown };
  const ofProgram = type === 'module';
  check(
    ofProgram || given === undefined,
    where,
    'the tokenizer is the one that is saved',
    () => `--tokenizer ${given}`,
    () => 'leave it out',
  );
  if (!ofProgram) return tokenizerFromJSON(saved);
  check(
    given !== undefined,
    where,
    'a tokenizer that is a program is named by whoever runs it',
    () => 'no --tokenizer',
    () => `if you trust the file, add --tokenizer ${path}`,
  );
  const tokenizer = await importTokenizer(given);
  check(
    JSON.stringify(tokenizer) === JSON.stringify(saidBy(saved)),
    where,
    'the tokenizer is the one that the model was trained with',
    () => `another at ${given}: its toJSON differs`,
  );
  return tokenizer;
}
