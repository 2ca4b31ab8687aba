import { check, suggest } from '../tensor/index.ts';
import { byteCharacters, bytesOfCharacters } from './byteAlphabet.ts';
import { type SplitPattern, splitPatterns } from './patterns.ts';

/** What a byte-level BPE is made of. */
export interface BPEParts {
  readonly pattern: SplitPattern;
  /** The ids of all tokens but the special ones. Tokens are written in byte characters. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** The earliest first. */
  readonly merges: readonly (readonly [left: string, right: string])[];
  readonly specialTokens: ReadonlyMap<string, number>;
  /** Whether a piece that is a token is that one, whatever the merges make of it (Llama 3). */
  readonly wholePieces: boolean;
}

export function checkPattern(where: string, pattern: string): asserts pattern is SplitPattern {
  const known = Object.keys(splitPatterns);
  check(
    known.includes(pattern),
    where,
    'the pattern is known',
    () => JSON.stringify(pattern),
    () => suggest(pattern, known),
  );
}

/** Checks that every byte has a token, that tokens are bytes, and that merges join tokens to tokens. */
export function checkParts(where: string, { vocabulary, merges, specialTokens }: BPEParts): void {
  checkVocabularyIds(where, [...vocabulary, ...specialTokens]);
  const odd = [...vocabulary.keys()].find((token) => bytesOfCharacters(token) === null);
  check(
    odd === undefined,
    where,
    "tokens are written in GPT-2's characters for bytes",
    () => JSON.stringify(odd),
    () => 'name the special tokens among them',
  );
  const missing = byteCharacters.find((character) => !vocabulary.has(character));
  check(missing === undefined, where, 'every byte has a token', () => `none for ${JSON.stringify(missing)}`);
  const bad = merges.find(
    ([left, right]) => ![left, right, left + right].every((part) => vocabulary.has(part)),
  );
  check(bad === undefined, where, 'merges join two tokens to a third', () => JSON.stringify(bad?.join(' ')));
}

/** Checks that each token has an id of its own. */
export function checkVocabularyIds(where: string, entries: readonly (readonly [string, unknown])[]): void {
  const seen = new Set<unknown>();
  for (const [token, id] of entries) {
    const isId = Number.isInteger(id) && (id as number) >= 0 && (id as number) < 2 ** 24;
    check(isId, where, 'ids are whole numbers ≥ 0 and below 2²⁴', () => `${id} for ${JSON.stringify(token)}`);
    check(
      !seen.has(id),
      where,
      'no two tokens have the same id',
      () => `${id} for ${JSON.stringify(token)} too`,
    );
    seen.add(id);
  }
}
