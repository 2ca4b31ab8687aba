/**
 * The built-in corpus: small English stories from a seeded grammar, so that the entropy of the text is known
 * exactly and every sample of a model can be judged. A story remembers its person, its place, and a thing
 * found there.
 */
import seedrandom from 'seedrandom';
import { check, checkSeed, withDefaults } from '../tensor/index.ts';
import { generate, measure, type Recognition, recognise as recogniseBy } from './recognise.ts';
import { story } from './storyGrammar.ts';

/** The options of `stories`. */
export interface StoriesOptions {
  /** Number of stories. Default 20,000. */
  readonly stories?: number;
  /** Same seed, same text. Default 'stories'. */
  readonly seed?: string | number;
}

/** A text of stories, with what is known about it. */
export interface Stories {
  /** One story in a line; each ends with '\n'. */
  readonly text: string;
  /** What to call it. */
  readonly name: string;
  readonly entropy: StoryEntropy;
}

/** Exact, from the grammar. No model of the text can expect a lower loss than `natsPerCharacter`. */
export interface StoryEntropy {
  /** H = E[−ln p(story)], in nats. */
  readonly nats: number;
  /** E[characters of a story], with its '\n'. */
  readonly characters: number;
  /** H / E[characters]: the entropy rate of the text. */
  readonly natsPerCharacter: number;
}

const { nats, characters } = measure(story);
/** The entropy of one story, which no model can beat: in nats, and per character. */
export const entropy: StoryEntropy = { nats, characters, natsPerCharacter: nats / characters };

const defaults: Required<StoriesOptions> = { stories: 20_000, seed: 'stories' };

/** Tells stories, each drawn from the grammar by itself. Errors: their number is not an integer above 0. */
export function stories(options: StoriesOptions = {}): Stories {
  const { stories: count, seed } = withDefaults('stories', options, defaults);
  check(
    Number.isSafeInteger(count) && count > 0,
    'stories',
    'their number is an integer above 0',
    () => `${count}`,
  );
  checkSeed('stories', seed);
  const random = seedrandom.alea(String(seed));
  let text = '';
  for (let i = 0; i < count; i++) text += generate(story, random).text;
  return { text, name: 'stories', entropy };
}

/**
 * Whether one story, without its '\n', is grammatical: ln p (nats), or the first character that fits no
 * story.
 */
export const recognise = (text: string): Recognition => recogniseBy(story, `${text}\n`);

/** The share of the complete stories in a text that are grammatical; NaN where no story is complete. */
export function grammaticalShare(text: string): number {
  const complete = text.split('\n').slice(0, -1);
  return complete.filter((one) => recognise(one).grammatical).length / complete.length;
}
