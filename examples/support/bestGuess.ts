import { recognise } from 'scratchformer/corpora';

/** A story, and the places of its words that are to be guessed. */
export interface Puzzle {
  readonly words: readonly number[];
  readonly hidden: readonly number[];
}

/**
 * The share of hidden words whose best guess is right when every other word of the story is visible: the mean
 * of max p(w)/Σ p(w), where p(w) is the exact probability of the story with w in that place. Who sees fewer
 * words knows less, so this bounds every model. The corpus shows which words can stand for each other.
 */
export function bestGuess(
  puzzles: readonly Puzzle[],
  {
    corpus,
    decode,
  }: { readonly corpus: readonly (readonly number[])[]; readonly decode: (words: number[]) => string },
): number {
  const rivals = interchangeable(corpus);
  const certainty = (words: readonly number[], at: number) => {
    const ps = [...rivals.get(words[at]!)!].map((word) => {
      const found = recognise(decode(words.with(at, word)));
      return found.grammatical ? Math.exp(found.logProbability) : 0;
    });
    return Math.max(...ps) / ps.reduce((sum, p) => sum + p);
  };
  const certainties = puzzles.flatMap(({ words, hidden }) => hidden.map((at) => certainty(words, at)));
  return certainties.reduce((sum, p) => sum + p, 0) / certainties.length;
}

/**
 * Word → all that stand somewhere between the same two neighbours: only these can fit in its place. Trying
 * all is slow.
 */
function interchangeable(corpus: readonly (readonly number[])[]): Map<number, Set<number>> {
  const between = new Map<string, Set<number>>();
  for (const story of corpus) {
    for (const [i, word] of story.entries()) {
      const neighbours = `${story[i - 1]} ${story[i + 1]}`;
      between.set(neighbours, (between.get(neighbours) ?? new Set()).add(word));
    }
  }
  const rivals = new Map<number, Set<number>>();
  for (const words of between.values()) {
    for (const word of words) {
      const known = rivals.get(word) ?? new Set();
      for (const other of words) known.add(other);
      rivals.set(word, known);
    }
  }
  return rivals;
}
