import { fail } from '../tensor/index.ts';
import { textFile } from './text.ts';

/** A sentence and its translation. */
export type SentencePair = readonly [source: string, target: string];

/**
 * Reads sentence pairs of your own from a UTF-8 file: in each line a sentence, a tab, and its translation.
 * Space around them and empty lines are left out. Errors: those of `textFile`, and a line without exactly two
 * sentences (its number is told).
 */
export async function pairsFile(path: string): Promise<SentencePair[]> {
  const { text, name } = await textFile(path);
  const pairs = text.split(/\r?\n/).flatMap((line, i): SentencePair[] => {
    if (line.trim() === '') return [];
    const [source, target, ...more] = line.split('\t').map((sentence) => sentence.trim());
    if (source && target && more.length === 0) return [[source, target]];
    const got = `${JSON.stringify(line.slice(0, 60))} in line ${i + 1}`;
    return fail(`pairsFile "${name}"`, 'a line is a sentence, a tab, and its translation', got);
  });
  return pairs.length > 0
    ? pairs
    : fail(`pairsFile "${name}"`, 'the file has at least one pair', 'empty lines');
}
