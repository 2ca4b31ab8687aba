import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import { backward, noGrad } from '../../src/autograd/index.ts';
import { answerBatch, promptAnswers, promptAnswersFile, randomAnswers } from '../../src/data/index.ts';
import { manualSeed, tensor } from '../../src/tensor/index.ts';
import { CharTokenizer } from '../../src/tokenizers/index.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

beforeEach(() => manualSeed(3));

const tokenizer = CharTokenizer.from('abcdefgh.');
const stop = tokenizer.encode('.')[0]!;
const text = fc.string({ unit: fc.constantFrom(...'abcdefgh'), minLength: 1, maxLength: 6 });
const pairs = fc.array(fc.record({ prompt: text, answer: text }), { minLength: 1, maxLength: 6 });
const rows = ({ inputs, targets }: { inputs: { toArray(): unknown }; targets: { toArray(): unknown } }) =>
  [inputs.toArray(), targets.toArray()] as [number[][], number[][]];

test('a worked example', () => {
  const answers = promptAnswers(
    [{ prompt: 'abc', answer: 'de' }, { prompt: 'a', answer: 'b' }],
    tokenizer,
    { context: 9 },
  ); // biome-ignore format: a row each
  const { inputs, targets, scored } = answerBatch(answers, { padding: stop });
  expect(inputs.toArray()).toEqual([[1, 2, 3, 4], [1, stop, stop, stop]]); // biome-ignore format: rows
  expect(targets.toArray()).toEqual([[-100, -100, 4, 5], [2, -100, -100, -100]]); // biome-ignore format: rows
  expect(scored).toBe(3);
});

test('what counts is the answer and the stop, once, in order; what is read is all before it', () => {
  fc.assert(
    fc.property(pairs, fc.boolean(), fc.nat({ max: 8 }), (given, stops, padding) => {
      const end = stops ? '.' : '';
      const batch = answerBatch(promptAnswers(given, tokenizer, { context: 12, ...(stops && { stop }) }), { padding });
      const [inputs, targets] = rows(batch);
      const longest = Math.max(...given.map(({ prompt, answer }) => (prompt + answer + end).length - 1));
      for (const [i, { prompt, answer }] of given.entries()) {
        const whole = prompt + answer + end;
        const length = whole.length - 1;
        expect(tokenizer.decode(inputs[i]!.slice(0, length))).toBe(whole.slice(0, -1));
        expect(tokenizer.decode(targets[i]!.filter((target) => target !== -100))).toBe(answer + end);
        expect(targets[i]!.findIndex((target) => target !== -100)).toBe(prompt.length - 1);
        expect(inputs[i]!.slice(length)).toEqual(new Array(longest - length).fill(padding));
        expect(targets[i]!.slice(length)).toEqual(new Array(longest - length).fill(-100));
      }
      expect(batch.scored).toBe(given.map(({ answer }) => (answer + end).length).reduce((a, b) => a + b));
    }),
  ); // biome-ignore format: shorter
});

test('a loss and its gradients do not depend on padding: neither on its token nor on its length', () => {
  const model = new GPT({ vocabSize: tokenizer.vocabSize, context: 12, layers: 1, heads: 2, width: 8 });
  const gradients = (padding: number, more: boolean) => {
    const given = [{ prompt: 'abc', answer: 'de' }, ...(more ? [{ prompt: 'abcdef', answer: 'gh' }] : [])];
    const batch = answerBatch(promptAnswers(given, tokenizer, { context: 12 }), { padding });
    if (more) batch.targets.data.fill(-100, batch.targets.shape[1]); // the longer one counts for nothing
    model.zeroGrad();
    const loss = model.loss(batch.inputs, batch.targets);
    const value = loss.item();
    backward(loss);
    return [value, ...model.parameters().flatMap(({ grad }) => [...grad!.data])];
  };
  const alone = gradients(0, false);
  expect(gradients(7, true)).toEqual(gradients(0, true));
  for (const [i, value] of gradients(0, true).entries()) expect(value).toBeCloseTo(alone[i]!, 6);
});

test('the loss is that of the answer, each token given all before it', () => {
  const model = new GPT({ vocabSize: tokenizer.vocabSize, context: 12, layers: 1, heads: 2, width: 8, initStd: 0.5 });
  const { inputs, targets } = answerBatch(promptAnswers([{ prompt: 'ab', answer: 'cd' }], tokenizer, { context: 12, stop }));
  const surprise = (seen: string, next: string) => {
    const ids = tensor([[...tokenizer.encode(seen)]], { dtype: 'int32' });
    const logits = [...noGrad(() => model.forward(ids).toTypedArray())].slice(-tokenizer.vocabSize);
    return Math.log(logits.reduce((all, x) => all + Math.exp(x), 0)) - logits[tokenizer.encode(next)[0]!]!;
  };
  const mean = (surprise('ab', 'c') + surprise('abc', 'd') + surprise('abcd', '.')) / 3;
  expect(model.loss(inputs, targets).item()).toBeCloseTo(mean, 5);
}); // biome-ignore format: shorter

test('random answers: every one, equally often, from the stream “batch”', () => {
  const given = ['a', 'b', 'c'].map((prompt) => ({ prompt, answer: 'd' }));
  const answers = promptAnswers(given, tokenizer, { context: 4 });
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 600; i++)
    for (const id of randomAnswers(answers, { batchSize: 2 }).inputs.data) counts[id]!++;
  for (const count of counts.slice(1))
    expect(Math.abs(count - 400)).toBeLessThan(5 * Math.sqrt((1200 * 2) / 9));
  manualSeed(1);
  const one = rows(randomAnswers(answers, { batchSize: 5 }));
  manualSeed(1);
  expect(rows(randomAnswers(answers, { batchSize: 5 }))).toEqual(one);
});

const fine = [{ prompt: 'a', answer: 'b' }];
test.each<[string, () => unknown, string]>([
  ['an empty prompt', () => promptAnswers([...fine, { prompt: '', answer: 'b' }], tokenizer, { context: 4 }), 'promptAnswers: prompt and answer have at least one token each. got 0 and 1 in pair 1.'],
  ['an empty answer', () => promptAnswers([{ prompt: 'ab', answer: '' }], tokenizer, { context: 4, stop }), 'got 2 and 0 in pair 0.'],
  ['a long pair', () => promptAnswers([{ prompt: 'abc', answer: 'def' }], tokenizer, { context: 4 }), 'prompt, answer and stop have at most context + 1 = 5 tokens. got 6 in pair 0. shorten it'],
  ['a missing context', () => promptAnswers(fine, tokenizer, {} as never), 'promptAnswers: context is given. got nothing.'],
  ['an unknown option', () => promptAnswers(fine, tokenizer, { context: 4, stopp: 1 } as never), 'did you mean "stop"?'],
  ['a bad stop', () => promptAnswers(fine, tokenizer, { context: 4, stop: -1 }), 'promptAnswers: stop tokens are whole numbers ≥ 0. got -1 at index 0.'],
  ['pairs that are none', () => promptAnswers('ab' as never, tokenizer, { context: 4 }), 'promptAnswers: pairs are a list. got "ab".'],
  ['a tokenizer that is none', () => promptAnswers(fine, {} as never, { context: 4 }), 'promptAnswers: the tokenizer has encode(text). got {}.'],
  ['no answers', () => randomAnswers([], { batchSize: 1 }), 'randomAnswers: there is at least one answer. got [].'],
  ['no batch size', () => randomAnswers([], {} as never), 'randomAnswers: batchSize is given. got nothing.'],
  ['bad padding', () => answerBatch(promptAnswers(fine, tokenizer, { context: 4 }), { padding: -1 }), 'answerBatch: padding is a whole number ≥ 0. got -1.'],
])('refuses %s', (_, use, message) => {
  expect(use).toThrow(message);
}); // biome-ignore format: a table

describe('promptAnswersFile', () => {
  function fileOf(content: string): string {
    const path = join(temporaryFolder(), 'answers.jsonl');
    writeFileSync(path, content);
    return path;
  }

  test('gives back any records, with any line ends and fields beside', async () => {
    const some = fc.string({ unit: 'binary', minLength: 1 });
    const records = fc.array(fc.record({ prompt: some, answer: some }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(records, fc.constantFrom('\n', '\r\n', '\n\n \n'), async (given, lineEnd) => {
        const lines = given.map((record) => JSON.stringify({ id: 7, ...record }));
        expect(await promptAnswersFile(fileOf(lines.join(lineEnd)))).toEqual(given);
      }),
      { numRuns: 30 },
    );
  });

  const good = '{"prompt": "a", "answer": "b"}';
  test.each([
    ['no JSON', `${good}\n{"prompt": "a"`, String.raw`"{\"prompt\": \"a\"" in line 2`],
    ['no answer', `\n\n{"prompt": "a"}`, String.raw`"{\"prompt\": \"a\"}" in line 3`],
    ['an empty prompt', '{"prompt": "", "answer": "b"}', 'in line 1'],
    ['a number', `${good}\r\n{"prompt": "a", "answer": 1}`, 'in line 2'],
    ['null', 'null', '"null" in line 1'],
    ['a list', `[${good}]`, 'in line 1'],
  ])('%s is an error that names the line', async (_, content, got) => {
    const reading = promptAnswersFile(fileOf(content));
    await expect(reading).rejects.toThrow(
      'promptAnswersFile "answers.jsonl": a line is {"prompt": "…", "answer": "…"}, with a text in each. got ',
    );
    await expect(reading).rejects.toThrow(`${got}.`);
  });

  test('a file without records is an error', async () => {
    await expect(promptAnswersFile(fileOf('\n \n'))).rejects.toThrow('at least one record. got empty lines.');
  });
});
