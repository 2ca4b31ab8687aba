/** Byte-level BPE in the two files of GPT-2. */
import { check, display, fail, withDefaults } from '../tensor/index.ts';
import { readMerge } from './bpeJSON.ts';
import { type BPEParts, checkPattern } from './bpeParts.ts';
import { byteCharacters } from './byteAlphabet.ts';
import { fieldsOf, vocabularyObject } from './huggingFace.ts';
import type { SplitPattern } from './patterns.ts';
import { checkNames } from './specialTokens.ts';

/** The texts of the two files. */
export interface VocabAndMerges {
  /** vocab.json: { token: id, … }. */
  readonly vocab: string;
  /** merges.txt: a first line with the version, then a merge "a b" in each line, the earliest first. */
  readonly merges: string;
}

/** The options of `fromVocabAndMerges`: what the files do not say. */
export interface VocabAndMergesOptions {
  /** How texts are cut into pieces. Default 'gpt2'. */
  readonly pattern?: SplitPattern;
  /** Which tokens are special. Default those that are neither a byte nor made by a merge. */
  readonly specialTokens?: readonly string[] | undefined;
}

const VERSION = '#version: 0.2';

export function vocabAndMerges({ vocabulary, merges, specialTokens }: BPEParts): VocabAndMerges {
  const lines = [VERSION, ...merges.map((pair) => pair.join(' '))];
  return {
    vocab: JSON.stringify(vocabularyObject(vocabulary, specialTokens)),
    merges: `${lines.join('\n')}\n`,
  };
}

export function readVocabAndMerges(
  where: string,
  files: VocabAndMerges,
  options: VocabAndMergesOptions,
): BPEParts {
  const { pattern, specialTokens } = withDefaults<Required<VocabAndMergesOptions>>(where, options, {
    pattern: 'gpt2',
    specialTokens: undefined,
  });
  checkPattern(where, pattern);
  const vocabulary = readVocab(where, files.vocab);
  const merges = readMerges(where, files.merges);
  const made = new Set([...byteCharacters, ...merges.map(([left, right]) => left + right)]);
  const names = specialTokens ?? [...vocabulary.keys()].filter((token) => !made.has(token));
  checkNames(where, names);
  const special = new Map(names.map((name) => [name, idOf(where, vocabulary, name)]));
  for (const name of names) vocabulary.delete(name);
  return { pattern, vocabulary, merges, specialTokens: special, wholePieces: false };
}

function idOf(where: string, vocabulary: ReadonlyMap<string, number>, name: string): number {
  return vocabulary.get(name) ?? fail(where, 'special tokens are in the vocabulary', display(name));
}

function readVocab(where: string, text: string): Map<string, number> {
  let vocab: unknown;
  try {
    vocab = JSON.parse(text);
  } catch {
    fail(where, 'vocab is the text of a vocab.json', display(text));
  }
  const entries = Object.entries(fieldsOf(vocab)) as [string, number][];
  const areIds = entries.length > 0 && entries.every(([, id]) => typeof id === 'number');
  check(areIds, where, 'vocab is the text of a vocab.json: { token: id, … }', () => display(text));
  return new Map(entries);
}

function readMerges(where: string, text: string): [left: string, right: string][] {
  check(typeof text === 'string', where, 'merges is the text of a merges.txt', () => display(text));
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version'));
  return lines.map((line) => readMerge(where, line));
}
