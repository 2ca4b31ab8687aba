/** Tasks of a question and its one right answer. */
import { type RandomStream, randomStream } from 'scratchformer';
import type { GPT } from 'scratchformer/models';
import { completionBatch } from '../../../support/completion.ts';
import type { Sample, Task } from './task.ts';

/** A kind of question, in tokens, and its answer. */
export interface Rule {
  readonly vocabulary: readonly string[];
  ask(random: RandomStream): number[];
  answer(question: readonly number[]): number[];
  /** A question to read, as 12 + 34. */
  show?(question: string): string;
}

const SAMPLES = 4;

/** Only the answer is predicted; it follows from the question, so that a perfect model has the loss 0. */
export function ruleTask({ vocabulary, ask, answer, show = (text) => text }: Rule): Task {
  const question = ask(randomStream('length'));
  const given = question.length;
  const length = answer(question).length;
  const row = (random: RandomStream) => {
    const asked = ask(random);
    return [...asked, ...answer(asked)];
  };
  const textOf = (tokens: readonly number[]) => tokens.map((token) => vocabulary[token]).join('');
  const sample = (model: GPT): Sample => {
    const asked = ask(randomStream('sample'));
    const written = textOf(model.generate(asked, { maxTokens: length, temperature: 0 }).slice(given));
    const right = textOf(answer(asked));
    const note = written === right ? '' : `should be ${right}`;
    return { given: show(textOf(asked)), written, right: written === right, note };
  };
  return {
    vocabulary,
    context: given + length - 1,
    guessing: Math.log(vocabulary.length),
    exact: 0,
    nextBatch(batchSize, random = randomStream('task')) {
      const rows = Array.from({ length: batchSize }, () => row(random));
      return completionBatch(rows, given);
    },
    write: (model) => Array.from({ length: SAMPLES }, () => sample(model)),
  };
}
