/** Tasks of a text, character by character. */
import { check, randomStream } from 'scratchformer';
import { entropy, recognise, stories } from 'scratchformer/corpora';
import { randomBatch } from 'scratchformer/data';
import { CharTokenizer } from 'scratchformer/tokenizers';
import type { Sample, Task } from './task.ts';

/** Invented stories, whose entropy is known and whose grammar can be checked. */
export function storyTask(context: number): Task {
  const { text } = stories({ stories: 3000 });
  return textTask(text, context, {
    exact: entropy.natsPerCharacter,
    start: '\n',
    stop: '\n',
    judge(written) {
      const found = recognise(written);
      if (found.grammatical) return { right: true, note: '' };
      if (found.at === 0) return { right: false, note: 'no story begins like that' };
      const from = Math.max(0, found.at - 12);
      return { right: false, note: `no story goes on like that after “${written.slice(from, found.at)}”` };
    },
  });
}

/** A text of one's own. */
export function ownTextTask(text: string, context: number): Task {
  const shorter = Math.min(context, [...text].length - 1);
  return textTask(text, shorter, { exact: null, start: [...text][0]! });
}

interface Kind {
  readonly exact: number | null;
  readonly start: string;
  readonly stop?: string;
  readonly judge?: (written: string) => Pick<Sample, 'right' | 'note'>;
}

function textTask(text: string, context: number, { exact, start, stop, judge }: Kind): Task {
  check(context >= 1, 'text', 'it has at least two characters', () => `"${text}"`);
  const tokenizer = CharTokenizer.from(text);
  const tokens = tokenizer.encode(text);
  const vocabulary = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.decode([id]));
  return {
    vocabulary,
    context,
    guessing: Math.log(vocabulary.length),
    exact,
    nextBatch: (batchSize, random = randomStream('task')) =>
      randomBatch(tokens, { batchSize, context, random }),
    write(model) {
      const prompt = tokenizer.encode(start);
      const ends = stop === undefined ? {} : { stop: tokenizer.encode(stop)[0]! };
      const ids = [...model.stream(prompt, { maxTokens: 220, temperature: 0.8, ...ends })];
      const written = tokenizer.decode(ids).replace(/\n$/, '');
      return [{ given: start.trim(), written, right: null, note: '', ...judge?.(written) }];
    },
  };
}
