/** Text from a model: where it stops, how many, and line by line in `chat`; and runs beside each other. */
import { execFile } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/cli/write.ts';
import { type Result, readMetrics, scratchformer, small } from '../support/cli.ts';
import { program } from '../support/program.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const out = join(folder, 'run');
const data = join(folder, 'text.txt');
const more = ['--data', data, '--steps', '150', '--lr', '0.02', '--eval-every', '50'];

beforeAll(async () => {
  writeFileSync(data, 'cold: ice\nwarm: sun\n'.repeat(40));
  expect(await scratchformer(['train', '--out', out, ...small, ...more])).toMatchObject({ code: 0, err: '' });
});

describe('sample', () => {
  const args = [
    'sample',
    '--checkpoint',
    out,
    '--prompt',
    'cold',
    '--temperature',
    '0',
    '--max-tokens',
    '30',
  ];

  test('--stop ends before a text of several tokens, or after a line', async () => {
    expect((await scratchformer([...args, '--stop', 'ce\\nwa'])).out).toBe('cold: i\n');
    expect((await scratchformer([...args, '--stop', '\\n', '--count', '2'])).out).toBe(
      'cold: ice\n---\ncold: ice\n',
    );
  });
});

test('the pieces up to a stop text, joined, are the text before it, whatever the pieces', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', ''), { maxLength: 20 });
  fc.assert(
    fc.property(text, fc.stringMatching(/^[ab]{1,4}$/), (pieces, stop) => {
      const whole = pieces.join('');
      expect([...until(stop, pieces)].join('')).toBe(whole.split(stop)[0]);
    }),
  );
});

test('no piece is held back longer than it may be the start of the stop text', () => {
  const seen: string[] = [];
  function* pieces() {
    for (const piece of ['abc', 'x', 'yz']) {
      seen.push(piece);
      yield piece;
    }
  }
  expect(until('xyq', pieces()).next().value).toBe('abc');
  expect(seen).toEqual(['abc']);
});

describe('chat', () => {
  const args = ['chat', '--checkpoint', out, '--temperature', '0'];

  /** Writes lines into the program, the last of them an end. */
  function chat(input: string, extra: string[] = []): Promise<Result> {
    return scratchformer([...args, ...extra], { whileRunning: ({ stdin }) => void stdin!.end(input) });
  }

  test('answers each line of a pipe up to the end of a line, and goes on after a line it cannot read', async () => {
    const { code, out, err } = await chat('cold:\nWARM\n\nwarm:', []);
    expect(out).toBe(' ice\n sun\n');
    expect(err).toMatch(/^error: .* got "W" \(U\+0057\).*\n$/);
    expect(code).toBe(0);
  });

  test('with what stands around a line, and another end', async () => {
    const { out } = await chat('cold\n', ['--template', '{}: ', '--stop', 'e']);
    expect(out).toBe('ic\n');
  });

  test.skipIf(process.platform === 'win32')('Ctrl-C ends an answer, and then the program', async () => {
    let printed = '';
    const endless = ['--stop', 'never', '--max-tokens', '10000000'];
    const { code, err } = await scratchformer([...args, ...endless], {
      whileRunning: async (child) => {
        child.stdout!.on('data', (text) => {
          printed += text;
        });
        child.stdin!.write('cold\n');
        while (!printed.includes('ice\nwarm')) await setTimeout(5);
        child.kill('SIGINT');
        await setTimeout(300);
        const answered = printed.length;
        child.stdin!.write('warm\n');
        while (!printed.slice(answered).includes('sun\ncold')) await setTimeout(5);
        child.kill('SIGINT');
        await setTimeout(300);
        child.kill('SIGINT');
      },
    });
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  test.skipIf(process.platform !== 'linux')('in a terminal, with a prompt', async () => {
    const command = `${process.execPath} ${program} ${args.join(' ')}`;
    const shown = await new Promise<string>((resolve) => {
      const child = execFile('script', ['-qec', command, '/dev/null'], (_, stdout) => resolve(stdout));
      let [text, stage] = ['', 0];
      child.stdout!.on('data', (data) => {
        text += data;
        if (stage === 0 && text.includes('> ')) child.stdin!.write('cold:\r', () => stage++);
        if (stage === 1 && / ice\r?\n.*> /.test(text)) child.stdin!.write('\x03', () => stage++);
      });
    });
    expect(shown).toMatch(/> .*cold:[\r\n]+ ice[\r\n]+.*> /s);
  });
});

test('compare: a row for each run, and the settings that differ', async () => {
  const other = join(folder, 'other');
  await scratchformer(['train', '--out', other, ...small, ...more, '--steps', '100', '--accumulate', '2', '--lr', '0.01']); // biome-ignore format: one line
  appendFileSync(
    join(other, 'metrics.jsonl'),
    '{"step":101,"validationLoss":"NaN"}\n{"step":101,"validationLoss":0.0',
  );
  const { out: printed, err } = await scratchformer(['compare', out, other]);
  expect(err).toBe('');
  const [titles, first, second, , , names, ...settings] = printed
    .split('\n')
    .map((line) => line.split(/ {2,}/));
  expect(titles).toEqual([
    'run',
    'steps',
    'parameters',
    'tokens seen',
    'last loss',
    'best loss',
    'last bits/byte',
    'best bits/byte',
  ]);
  const losses = (run: string) => readMetrics(run).flatMap(({ validationLoss: x }) => (typeof x === 'number' ? x : [])); // biome-ignore format: one line
  const inWords = (run: string) => [losses(run).at(-1)!, Math.min(...losses(run))].map((x) => x.toFixed(4));
  expect(first!.slice(0, 6)).toEqual([out, '150', '3,632', '9,600', ...inWords(out)]);
  const bits = readMetrics(out).flatMap(({ validationBitsPerByte: x }) => x ?? []);
  expect(first!.slice(6)).toEqual([bits.at(-1)!, Math.min(...bits)].map((x) => x.toFixed(4)));
  expect(second!.slice(0, 4)).toEqual([other, '100', '3,632', '12,800']);
  expect(names).toEqual(['run', 'steps', 'accumulate', 'lr', 'warmup']);
  expect(settings.slice(0, 2)).toEqual([[out, '150', '1', '0.02', '15'], [other, '100', '2', '0.01', '10']]); // biome-ignore format: one line
  const missing = await scratchformer(['compare', folder]);
  expect(missing.err).toMatch(/^error: checkpoint .*: the file can be read\. got ENOENT\. .*\n$/);
});
