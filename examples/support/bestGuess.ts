import { recognise } from 'scratchformer/data';

export interface BestGuessOptions {
  /** Stories that show which words can stand for each other. */
  readonly corpus: readonly ArrayLike<number>[];
  readonly decode: (words: number[]) => string;
  readonly random: () => number;
}

/**
 * How often the best guess of a hidden word is right when every other word of the story is visible: the mean of
 * max p(w)/Σ p(w), where p(w) is the exact probability of the story with w in that place. Who sees fewer words knows less,
 * so this bounds every model. One word of each story is hidden, of those that a model `reads`, its first ones.
 */
export function bestGuess(
  stories: readonly { readonly words: readonly number[]; readonly reads: number }[],
  { corpus, decode, random }: BestGuessOptions,
): number {
  const rivals = interchangeable(corpus);
  const certainty = ({ words, reads }: (typeof stories)[number]) => {
    const at = Math.floor(random() * reads);
    const ps = [...rivals.get(words[at]!)!].map((word) => {
      const found = recognise(decode(words.with(at, word)));
      return found.grammatical ? Math.exp(found.logProbability) : 0;
    });
    return Math.max(...ps) / ps.reduce((sum, p) => sum + p);
  };
  return stories.reduce((sum, story) => sum + certainty(story), 0) / stories.length;
}

/** Word → all that stand somewhere between the same two neighbours: only these can fit in its place. Trying all is slow. */
function interchangeable(corpus: readonly ArrayLike<number>[]): Map<number, Set<number>> {
  const between = new Map<string, Set<number>>();
  for (const story of corpus) {
    for (const [i, word] of Array.from(story).entries()) {
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
