/** The command line with every kind of tokenizer, and with one that a person brings along. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { rebuild } from '../../src/cli/build.ts';
import { BPETokenizer } from '../../src/tokenizers/index.ts';
import { loadCheckpoint } from '../../src/train/index.ts';
import { readMetrics, scratchformer, small } from '../support/cli.ts';
import { sourceProgram } from '../support/program.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const file = (name: string) => join(folder, name);
const text = 'Grüße: the rat sat on the mat, and the cat sat on the rat.\nWhere is the mat now?\n'.repeat(20);

const trainArgs = (out: string, ...more: string[]) => [
  'train', '--data', file('text.txt'), '--out', file(out), '--steps', '4', ...small, '--tokenizer', ...more,
]; // biome-ignore format: a command line
const train = (out: string, ...more: string[]) => scratchformer(trainArgs(out, ...more));

/** A tokenizer of one's own: letters, and a space for all the rest. */
const program = `const letters = 'abcdefghijklmnopqrstuvwxyz ';
const decode = (ids: Iterable<number>): string => Array.from(ids, (id) => letters[id]!).join('');
export default {
  vocabSize: letters.length,
  specialTokens: new Map<string, number>(),
  encode: (text: string) =>
    Int32Array.from(text.toLowerCase(), (letter) => letters.indexOf(letter)).map((id) => (id < 0 ? 26 : id)),
  decode,
  stream: () => ({ push: (id: number) => decode([id]), end: () => '' }),
  countBytes: (ids: Iterable<number>) => decode(ids).length,
  toJSON: () => ({ letters }),
};
`;

beforeAll(() => {
  writeFileSync(file('text.txt'), text);
  writeFileSync(file('letters.ts'), program);
  mkdirSync(file('gpt2'));
  const { vocab, merges } = BPETokenizer.train(text, { vocabSize: 270, pattern: 'gpt2' }).toVocabAndMerges();
  writeFileSync(file('gpt2/vocab.json'), vocab);
  writeFileSync(file('gpt2/merges.txt'), merges);
});

test.each([
  ['char', [], 'character'],
  ['bytes', [], 'token'],
  ['bpe', ['--vocab-size', '280'], 'token'],
  ['word', [], 'token'],
  ['gpt2', [], 'token'],
])('--tokenizer %s: trained, sampled, and measured in bits per byte', async (kind, more, unit) => {
  const { code, err, out } = await train(kind, kind === 'gpt2' ? file(kind) : kind, ...more);
  expect(err).toBe('');
  expect(code).toBe(0);
  const { tokenizer } = await rebuild(await loadCheckpoint(join(file(kind), 'checkpoint.safetensors')));
  const tokens = tokenizer.encode(text);
  const part = tokens.subarray(tokens.length - Math.round(tokens.length / 10));
  const bytes = Buffer.byteLength(tokenizer.decode(part)) - Buffer.byteLength(tokenizer.decode([part[0]!]));
  const { finalValidationLoss: loss, finalValidationBitsPerByte: bits } = readMetrics(file(kind)).at(-1)!;
  expect(bits).toBeCloseTo((loss! * (part.length - 1)) / Math.LN2 / bytes, 10);
  const both = `${loss!.toFixed(4)} nats per ${unit}, ${bits!.toFixed(4)} bits per byte`;
  expect(out).toContain(`validation loss ${both}, on all ${part.length} ${unit}s`);
  const evaluated = await scratchformer(['eval', '--checkpoint', file(kind)]);
  expect(evaluated.out).toContain(`loss ${both}, on all ${part.length} ${unit}s of`);
  const sample = ['sample', '--checkpoint', file(kind), '--max-tokens', '9', '--prompt', 'the rat'];
  const sampled = await scratchformer(sample);
  expect(sampled.err).toBe('');
  expect(sampled.out.startsWith('the rat')).toBe(true);
});

describe('a tokenizer that is a program', () => {
  const path = file('letters.ts');
  /** From the sources: these read TypeScript on any Node. */
  const cli = (args: readonly string[]) => scratchformer(args, { main: sourceProgram });
  const anew = ['--tokenizer', path];

  test('is named again by whoever samples or resumes, and never run unasked', async () => {
    const begun = await cli(trainArgs('own', path));
    expect(begun.err).toBe('');
    const sample = ['sample', '--checkpoint', file('own'), '--max-tokens', '9'];
    expect(await cli(sample)).toMatchObject({
      code: 1,
      err:
        'error: checkpoint: a tokenizer that is a program is named by whoever runs it. got no --tokenizer. ' +
        `if you trust the file, add --tokenizer ${path}.\n`,
    });
    expect((await cli([...sample, ...anew])).out).toMatch(/^ [a-z ]{9}\n$/);
    const resume = ['train', '--out', file('own'), '--resume', '--steps', '6'];
    expect((await cli(resume)).err).toContain('got no --tokenizer');
    expect((await cli([...resume, ...anew])).err).toBe('');
    writeFileSync(file('other.ts'), program.replaceAll('letters', 'signs'));
    const other = await cli([...sample, '--tokenizer', file('other.ts')]);
    expect(other.err).toContain('the tokenizer is the one that the model was trained with. got another at');
  });

  test.each([
    ['export default 7;', 'its default export is a Tokenizer. got 7. it lacks encode().'],
    [
      program.replace('letters.length', '0'),
      'has a vocabSize ≥ 1 and a Map of specialTokens. got 0 and Map.',
    ],
    ['throw new Error("broken");', 'the program can be run. got broken.'],
  ])('is looked at before it is used: %#', async (source, message) => {
    writeFileSync(file('bad.ts'), source);
    const { code, err } = await cli(trainArgs('bad', file('bad.ts')));
    expect(err).toContain(message);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });
});

test.each([
  [['bype'], '--tokenizer: it is a kind of tokenizer, or the path of one. got "bype". did you mean "bpe"?'],
  [['char', '--vocab-size', '300'], '--vocab-size: it is for the tokenizer bpe alone. got 300 for char.'],
  [['bpe', '--vocab-size', '100'], 'BPETokenizer.train: vocabSize is a whole number ≥ 256. got 100.'],
  [[folder], 'the folder has a tokenizer.json, or a vocab.json and a merges.txt. got neither.'],
  [[file('text.txt')], 'the file is a tokenizer.json or a program.'],
])('--tokenizer %s is refused', async (args, message) => {
  const { code, err } = await train('bad', ...args);
  expect(err).toContain(message);
  expect(code).toBe(1);
});
