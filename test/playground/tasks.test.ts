/** What the playground's models learn: rows that are right, and bounds that hold. */
import { describe, expect, test } from 'vitest';
import { makeTask, type TaskName, taskNames } from '../../examples/playground/engine/tasks/index.ts';
import { GPT } from '../../models/index.ts';
import { entropy } from '../../src/corpora/index.ts';
import { crossEntropy, manualSeed, zeros } from '../../src/index.ts';

const task = (name: TaskName) => makeTask(name, { text: 'abcabcabcabc', context: 8 });

/** What the batch asks for, as text: the tokens read, and those to predict. */
function rows(name: TaskName): [read: string, wanted: string][] {
  manualSeed(5);
  const { vocabulary, nextBatch } = task(name);
  const { inputs, targets } = nextBatch(20);
  const [B, T] = inputs.shape as [number, number];
  const text = (data: ArrayLike<number>, b: number) =>
    Array.from({ length: T }, (_, t) => vocabulary[data[b * T + t]!] ?? '').join('');
  return Array.from({ length: B }, (_, b) => [text(inputs.data, b), text(targets.data, b)]);
}

test.each(taskNames)(
  '%s: a model that knows nothing has the loss of guessing, above the exact one',
  (name) => {
    const { vocabulary, nextBatch, guessing, exact } = task(name);
    const { inputs, targets } = nextBatch(3);
    const loss = crossEntropy(zeros([...inputs.shape, vocabulary.length]), targets).item();
    expect(loss).toBeCloseTo(guessing, 5);
    if (exact !== null) expect(exact).toBeLessThan(guessing);
  },
);

describe('rows', () => {
  test('of sort are sorted', () => {
    for (const [read, wanted] of rows('sort')) expect(wanted).toBe([...read.slice(0, 8)].sort().join(''));
  });

  test('of copy repeat', () => {
    for (const [read, wanted] of rows('copy')) expect(wanted).toBe(read.slice(0, 8));
  });

  test('of add are sums, from the last digit on', () => {
    for (const [read, wanted] of rows('add')) {
      const sum = Number([...wanted].reverse().join(''));
      expect(sum).toBe(Number(read.slice(0, 2)) + Number(read.slice(2, 4)));
    }
  });

  test('of parity count the ones so far', () => {
    for (const [read, wanted] of rows('parity')) {
      const ones = (bits: string) => bits.replaceAll('0', '').length;
      expect(wanted).toBe(Array.from({ length: 10 }, (_, i) => `${ones(read.slice(0, i + 1)) % 2}`).join(''));
    }
  });

  test('of a text are parts of it, each token followed by the next', () => {
    for (const [read, wanted] of rows('own text')) {
      expect('abcabcabcabc').toContain(read);
      expect(wanted.slice(0, -1)).toBe(read.slice(1));
    }
  });
});

test('stories have the bound of their grammar', () => {
  expect(task('stories').exact).toBe(entropy.natsPerCharacter);
});

test.each(taskNames)('%s: what an untrained model writes is judged', (name) => {
  manualSeed(1);
  const { vocabulary, context, write } = task(name);
  const samples = write(new GPT({ vocabSize: vocabulary.length, context, layers: 1, width: 16 }));
  expect(samples.length).toBeGreaterThan(0);
  for (const { right, note } of samples) {
    expect(right).toBe(name === 'own text' ? null : false);
    if (name !== 'own text') expect(note).not.toBe('');
  }
});
