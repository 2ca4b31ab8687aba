/** A run as one plain object: into a link and back, and the same numbers from the same run. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linkOf, runOf } from '../../examples/playground/engine/link.ts';
import { type Field, fields, initialRun, names, type Run } from '../../examples/playground/engine/run.ts';
import { Session } from '../../examples/playground/engine/session.ts';

const anyText = fc
  .string({ minLength: 2, maxLength: 40, unit: 'grapheme' })
  .filter((text) => text.length >= 2);
const arbitrary = ({ choices, initial }: Field) =>
  choices
    ? fc.constantFrom(...choices)
    : typeof initial === 'number'
      ? fc.integer({ min: 0, max: 999_999_999 })
      : anyText;
const anyRun = fc.record(
  Object.fromEntries(names.map((name) => [name, arbitrary(fields[name] as Field)])),
) as fc.Arbitrary<unknown> as fc.Arbitrary<Run>;

describe('a link', () => {
  test('is a run, and back', () => {
    fc.assert(fc.property(anyRun, (run) => void expect(runOf(linkOf(run))).toEqual(run)));
  });

  test('says only what is not as usual', () => {
    expect(linkOf(initialRun)).toBe('#');
    expect(linkOf({ ...initialRun, task: 'own text', text: 'a&b=c', seed: 7 })).toBe(
      '#task=own+text&text=a%26b%3Dc&seed=7',
    );
  });

  test.each([
    ['#taks=sort', 'link: its names are settings of a run. got taks. did you mean "task"?'],
    ['#layers=5', 'layers: it is one of 1, 2, 3, 4, 6. got "5"'],
    ['#seed=-1', 'seed: it is a whole number of at most nine digits. got "-1"'],
    ['#text=a', 'text: it has 2 to 4000 characters. got 1'],
    ['#layers=1&layers=2', 'link: every name stands there once. got'],
  ])('%s is an error', (link, message) => {
    expect(() => runOf(link)).toThrow(message);
  });
});

/** The losses of so many steps, taken in the portions given. */
async function losses(run: Run, ...portions: number[]) {
  const heard: number[] = [];
  const session = new Session(run, ({ loss }) => heard.push(loss));
  for (const steps of portions) {
    await session.advance(steps);
    session.task.write(session.model);
  }
  return heard;
}

describe('a session', () => {
  const run: Run = { ...initialRun, layers: 1, width: 16, steps: 100, batchSize: 4 };

  test('has the same bits however it is held on the way, and whatever is written meanwhile', async () => {
    const whole = await losses(run, 20);
    expect(whole.length).toBe(20);
    expect(await losses(run, 1, 1, 10, 8)).toEqual(whole);
    expect(await losses({ ...run, seed: 2 }, 20)).not.toEqual(whole);
  });

  test('ends with its last step', async () => {
    const session = new Session({ ...run, steps: 100 });
    await session.advance(Number.POSITIVE_INFINITY);
    expect([session.step, session.finished]).toEqual([100, true]);
    await session.advance(5);
    expect(session.step).toBe(100);
  });

  test('rests when it is told to', async () => {
    const session = new Session(run, ({ step }) => step === 7 && session.pause());
    await session.advance(Number.POSITIVE_INFINITY);
    expect(session.step).toBe(7);
  });
});
