/** The worker of the course: one check, then it is done with. */
import type { Outcome } from '../../../learn/support/check.ts';
import { checkAnswer } from './check.ts';

/** A lesson by the name of its files, and the text of the file to check. */
export interface Answer {
  readonly lesson: string;
  readonly text: string;
}

const { postMessage } = globalThis as unknown as { postMessage(outcome: Outcome): void };

Object.assign(globalThis, {
  onmessage({ data: { lesson, text } }: { data: Answer }) {
    void checkAnswer(lesson, text).then(postMessage);
  },
});
