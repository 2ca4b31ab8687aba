/** Texts that become files of tokens, and runs that train on them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { piecesOf } from '../../src/cli/documents.ts';
import { type PrepareFlags, prepare } from '../../src/cli/prepare.ts';
import { openTokens, verifyTokens } from '../../src/data/index.ts';
import { tokenizerFromJSON } from '../../src/tokenizers/index.ts';
import { metricsText, scratchformer, small } from '../support/cli.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const file = (name: string) => join(folder, name);
const written = (name: string, data: string | Uint8Array) => {
  writeFileSync(file(name), data);
  return file(name);
};
const log = vi.spyOn(console, 'log').mockImplementation(() => {});
afterAll(() => log.mockRestore());

const verse = 'Wer reitet so spät durch Nacht und Wind?\nEs ist der Vater mit seinem Kind. 🌲\n\n';

/** Prepares, and gives the documents back as texts. */
async function documentsOf(out: string, flags: Partial<PrepareFlags>): Promise<string[]> {
  await prepare({ data: [], out: file(out), tokenizer: 'bytes', ...flags });
  await verifyTokens(file(out));
  const { header, train, validation, documents, close } = await openTokens(file(out));
  const tokenizer = tokenizerFromJSON(header.tokenizer);
  const ids = [...train.subarray(0, train.length), ...validation.subarray(0, validation.length)];
  const found: number[][] = [];
  for (const [i, id] of ids.entries()) {
    if (documents.startOf(i) === i) found.push([]);
    found.at(-1)!.push(id);
  }
  expect(header.bytes).toBe(tokenizer.countBytes(ids));
  close();
  return found.map((some) => tokenizer.decode(some));
}

const END = '<|endoftext|>';

describe('prepare', () => {
  test('reads several files, plain or gzip, texts or records, with documents cut by a separator', async () => {
    const data = [
      written('a.txt', 'one\n--\ntwo\n--\n'),
      written('b.gz', Buffer.concat([gzipSync('three, '), gzipSync('as two parts')])), // by content, not by name
      written('c.jsonl', '{"text":"four\\n--\\n"}\n\n{"text":"","id":5}\n{"id":6,"text":"fünf"}'),
      written('d.jsonl.gz', gzipSync('{"text":"\ud83c\udf32"}\n')),
      written('e.txt', ''),
    ];
    expect(await documentsOf('mixed', { data, separator: '\n--\n' })).toEqual(
      ['one', 'two', '', 'three, as two parts', 'four\n--\n', '', 'fünf', '🌲', ''].map((text) => text + END),
    );
  });

  test.each(['char', 'bytes', 'bpe'])('a long text comes back whole: %s', async (tokenizer) => {
    const text = verse.repeat(9000); // 720,000 characters: several pieces
    const found = await documentsOf(`long-${tokenizer}`, {
      tokenizer,
      data: [written('long.txt', `\ufeff${text}`)],
      ...(tokenizer === 'bpe' ? { vocabSize: 300 } : {}),
    });
    expect(found).toHaveLength(1);
    expect(found[0] === text + (tokenizer === 'char' ? '' : END)).toBe(true);
  });

  test('pieces of a text have the tokens of the whole', async () => {
    const path = written('pieces.txt', verse.repeat(9000));
    await prepare({ data: [path], out: file('pieces'), tokenizer: 'bpe', vocabSize: 400 });
    const { header, train, validation, close } = await openTokens(file('pieces'));
    const ids = tokenizerFromJSON(header.tokenizer).encode(verse.repeat(9000));
    expect(header.tokens).toBe(ids.length + 1);
    expect(train.subarray(0, train.length)).toEqual(ids.subarray(0, train.length));
    expect(validation.subarray(0, validation.length - 1)).toEqual(ids.subarray(train.length));
    close();
  });

  test('a text without white space, or with half a character at the end of what is read, is cut too', async () => {
    const path = written('dense.txt', `x${'🌲'.repeat(2_300_000)}`);
    let [text, count] = ['', 0];
    for await (const piece of piecesOf(path)) {
      text += piece.text;
      count++;
      expect(/\p{Surrogate}/u.test(piece.text)).toBe(false);
    }
    expect(count).toBeGreaterThan(1);
    expect(text === readFileSync(path, 'utf8')).toBe(true);
  });

  test.each([
    ['no file', ['nowhere.txt'], {}, 'there is such a file. got none.'],
    [
      'other bytes',
      [Uint8Array.of(0x41, 0xff)],
      {},
      'the file is UTF-8 text. got other bytes, in the part from byte 0 on.',
    ],
    [
      'half a gzip',
      [gzipSync(verse).subarray(0, 40)],
      {},
      'the file can be read. got unexpected end of file.',
    ],
    [
      'a word tokenizer',
      ['x'],
      { tokenizer: 'word' },
      'it is char, bytes, bpe, or the path of a tokenizer. got "word".',
    ],
    ['nothing', [''], { tokenizer: 'bytes' }, ''],
  ])('refuses %s', async (what, [data], more, message) => {
    const path = what === 'no file' ? file('nowhere.txt') : written('bad.txt', data!);
    const call = prepare({ data: [path], out: file('bad'), tokenizer: 'bytes', ...more });
    if (message === '') await call;
    else await expect(call).rejects.toThrow(message);
    expect(existsSync(file('bad/tokens.json'))).toBe(message === '');
  });

  test('refuses a broken record, and a folder that has tokens', async () => {
    const data = [written('broken.jsonl', '{"text":"a"}\n{"text":"b"\n')];
    const call = () =>
      prepare({ data: [written('again.txt', verse)], out: file('twice'), tokenizer: 'bytes' });
    await call();
    await expect(call()).rejects.toThrow('--out: the folder has no tokens yet.');
    await expect(prepare({ data, out: file('broken'), tokenizer: 'bytes' })).rejects.toThrow(
      'a line is {"text": "…"}. got "{\\"text\\":\\"b\\"" in line 2.',
    );
  });

  test('killed at any moment leaves nothing that looks finished, and does not hinder the next', async () => {
    const path = written('killed.txt', verse.repeat(100_000));
    const args = ['prepare', '--data', path, '--tokenizer', 'bytes', '--out', file('killed')];
    for (const part of [0, 0.3, 0.9]) {
      const killed = await scratchformer(args, {
        async whileRunning(child) {
          while (!existsSync(file('killed/documents.bin')) && child.exitCode === null) await setTimeout(1);
          await setTimeout(300 * part * Math.random());
          child.kill('SIGKILL');
        },
      });
      if (killed.code === 0) break; // it was faster
      expect(existsSync(file('killed/tokens.json'))).toBe(false);
      const run = await scratchformer(['train', '--data', file('killed'), '--out', file('none')]);
      expect(run.err).toContain('a prepare that was broken off leaves none: run it again');
    }
    if (!existsSync(file('killed/tokens.json'))) expect((await scratchformer(args)).err).toBe('');
    await verifyTokens(file('killed'));
    expect(readdirSync(file('killed')).sort()).toEqual(['documents.bin', 'tokens-00000.bin', 'tokens.json']);
  });
});

describe('train on prepared tokens', () => {
  const train = (data: string, out: string, ...more: string[]) => [
    'train', '--data', file(data), '--out', file(out), '--steps', '30', '--eval-every', '15', ...small.slice(2), ...more,
  ]; // biome-ignore format: a command line
  const checkpoint = (out: string) => readFileSync(join(file(out), 'checkpoint.safetensors'));

  beforeAll(async () => {
    const text = written('train.txt', verse.repeat(20));
    await prepare({ data: [text], out: file('characters'), tokenizer: 'char' });
    const poems = Array.from({ length: 30 }, (_, i) => JSON.stringify({ text: verse.slice(0, 20 + i) }));
    const data = [written('poems.jsonl', poems.join('\n'))];
    await prepare({ data, out: file('documents'), tokenizer: 'bpe', vocabSize: 280 });
  });

  test('is to the bit what training on the text is', async () => {
    expect((await scratchformer(train('train.txt', 'of-text', '--tokenizer', 'char'))).err).toBe('');
    expect((await scratchformer(train('characters', 'of-tokens'))).err).toBe('');
    expect(metricsText(file('of-tokens'))).toBe(metricsText(file('of-text')));
  });

  test.each([
    ['shuffled', ['--order', 'shuffled']],
    ['aligned', ['--align', 'documents']],
  ])('%s: resumes to the bit, and is evaluated on its part for validation', async (out, flags) => {
    const whole = await scratchformer(train('documents', out, ...flags));
    expect(whole.err).toBe('');
    let printed = '';
    await scratchformer(train('documents', `${out}-2`, ...flags), {
      whileRunning: (child) =>
        child.stdout!.on('data', (data) => {
          printed += data;
          if (`${data}`.includes('step 7/30')) child.kill('SIGINT');
        }),
    });
    expect(printed).toContain('stopped after step');
    const resumed = await scratchformer(['train', '--out', file(`${out}-2`), '--resume']);
    expect(resumed.err).toBe('');
    expect(checkpoint(`${out}-2`).equals(checkpoint(out))).toBe(true);
    const { out: evaluated } = await scratchformer(['eval', '--checkpoint', file(out)]);
    const [loss] = /\d\.\d{4} nats per token, \d\.\d{4} bits per byte/.exec(whole.out)!;
    expect(evaluated).toContain(`loss ${loss}, on all`);
  });

  test('info looks at every byte', async () => {
    const { out } = await scratchformer(['info', '--data', file('documents')]);
    expect(out).toMatch(/^documents {3}30$/m);
    expect(out).toMatch(/^files {7}2, as they were written \(SHA-256\)$/m);
  });

  test.each([
    [
      'another tokenizer',
      train('characters', 'bad', '--tokenizer', 'char'),
      '--tokenizer: prepared tokens bring theirs along. got char. leave it out.',
    ],
    [
      'two orders',
      train('documents', 'bad', '--order', 'shuffled', '--align', 'documents'),
      '--align documents: the order is random. got --order shuffled.',
    ],
    [
      'a text without documents',
      train('train.txt', 'bad', '--align', 'documents'),
      'use scratchformer prepare',
    ],
    ['an order', train('documents', 'bad', '--order', 'shuffeld'), 'did you mean "shuffled"?'],
  ])('refuses %s', async (_, args, message) => {
    const { code, err } = await scratchformer(args);
    expect(err).toContain(message);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });

  test('another tokenizer in the folder, or a file cut short, ends a resume before it begins', async () => {
    mkdirSync(file('own'));
    const own = { data: [file('train.txt')], out: file('own/tokens'), tokenizer: 'char' };
    await prepare(own);
    expect((await scratchformer(train('own/tokens', 'own/run'))).err).toBe('');
    const resume = ['train', '--out', file('own/run'), '--resume', '--steps', '40'];
    const header = readFileSync(file('own/tokens/tokens.json'), 'utf8');
    writeFileSync(file('own/tokens/tokens.json'), header.replace('"W"', '"V"'));
    expect((await scratchformer(resume)).err).toContain('prepared with the tokenizer of the model');
    writeFileSync(file('own/tokens/tokens.json'), header);
    truncateSync(file('own/tokens/tokens-00000.bin'), 100);
    expect((await scratchformer(resume)).err).toMatch(
      /^error: tokens .*: tokens-00000\.bin has the \d+ bytes of the header\. got 100\. .*\n$/,
    );
  });
});
