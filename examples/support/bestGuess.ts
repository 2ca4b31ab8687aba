import { recognise } from 'scratchformer/data';

/**
 * How often the best guess of a hidden word of a story is right, when every other word is visible: the mean of
 * max p(w)/Σ p(w), where p(w) is the exact probability of the story with w in that place. Who sees fewer words knows less,
 * so this bounds every model. Stories are lists of words; one word of each is hidden.
 */
export function bestGuess(
  stories: readonly (readonly number[])[],
  {
    corpus,
    decode,
    random,
  }: { corpus: readonly (readonly number[])[]; decode: (ids: number[]) => string; random: () => number },
): number {
  const rivals = interchangeable(corpus);
  const certainty = (story: readonly number[]) => {
    const at = Math.floor(random() * story.length);
    const ps = [...rivals.get(story[at]!)!].map((word) => {
      const found = recognise(decode(story.with(at, word)));
      return found.grammatical ? Math.exp(found.logProbability) : 0;
    });
    return Math.max(...ps) / ps.reduce((sum, p) => sum + p);
  };
  return stories.reduce((sum, story) => sum + certainty(story), 0) / stories.length;
}

/** Word → all that stand somewhere between the same two neighbours: only these can fit in its place. Trying all is slow. */
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
