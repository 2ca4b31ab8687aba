/** Runs that are watched, as a person does it: real processes, real files, the page asked for over HTTP. */
import type { ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { reportOf } from '../../src/cli/watch/report.ts';
import { buildPackage } from '../support/builtPackage.ts';
import { metricsText, type RunOptions, scratchformer, small } from '../support/cli.ts';
import { runNode } from '../support/runScript.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const MINUTES = 60_000;
const folder = suiteFolder();
const file = (name: string) => join(folder, name);
const trainArgs = (out: string, ...more: string[]) => [
  'train', '--data', file('text.txt'), '--out', file(out), '--steps', '40', '--eval-every', '15', '--dropout', '0.1', ...small, ...more,
]; // biome-ignore format: a command line

/** Calls `action` with the address of the page as soon as it is printed. */
function whenServed(action: (address: string) => void): RunOptions {
  let out = '';
  return {
    whileRunning: (child) =>
      child.stdout!.on('data', (data) => {
        const served = /watch at (http:\S+)/;
        const before = served.test(out);
        out += data;
        if (!before && served.test(out)) action(served.exec(out)![1]!);
      }),
  };
}

interface Line extends Readonly<Record<string, unknown>> {
  readonly step: number;
}

const watchLines = (out: string) =>
  readFileSync(join(file(out), 'watch.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const checkpoint = (out: string) => readFileSync(join(file(out), 'checkpoint.safetensors'));
const stepsWith = (lines: readonly Line[], name: string) =>
  lines.filter((line) => name in line).map(({ step }) => step);

let printed: string;
let asked: Promise<[page: string, metrics: string]>;
beforeAll(async () => {
  writeFileSync(file('text.txt'), 'Wer reitet so spät durch Nacht und Wind? 🌲\n'.repeat(30));
  const served = whenServed((address) => {
    const ask = async (path: string) => (await fetch(address + path)).text();
    asked = Promise.all([ask(''), ask('runs/0/metrics?from=0')]);
  });
  const args = trainArgs('watched', '--watch', '--port', '0', '--report', file('report.html'));
  const { code, err, out } = await scratchformer(args, served);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  printed = out;
});

describe('train --watch', () => {
  test('changes nothing in the run', async () => {
    expect((await scratchformer(trainArgs('plain'))).err).toBe('');
    expect(metricsText(file('watched'))).toBe(metricsText(file('plain')));
    expect(checkpoint('watched').equals(checkpoint('plain'))).toBe(true);
    expect(existsSync(join(file('plain'), 'watch.jsonl'))).toBe(false);
  });

  test('serves the page while it trains, ends with the run, and says how to look again', async () => {
    const [page, metrics] = await asked;
    expect(page).toContain('<title>Scratchformer</title>');
    expect(metricsText(file('watched')).startsWith(metrics)).toBe(true);
    expect(printed).toContain(`watch again: scratchformer watch ${file('watched')}`);
  });

  test('records what the run is, layers, samples and attention', () => {
    const lines = watchLines('watched');
    expect(lines[0]).toMatchObject({ step: 0, about: { steps: 40, tokensPerStep: 64 } });
    expect(stepsWith(lines, 'updateRatio')).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    for (const { updateRatio } of lines.filter((line) => 'updateRatio' in line))
      for (const ratio of Object.values(updateRatio as object)) expect(ratio).toBeGreaterThan(0);
    expect(stepsWith(lines, 'sample')).toEqual([15, 30, 40]);
    expect(stepsWith(lines, 'attention')).toEqual([15, 30, 40]);
    for (const { sample } of lines.filter((line) => 'sample' in line))
      expect(printed.replaceAll('\n  ', '\n')).toContain(sample);
  });

  test('goes on where a stopped run was cut, and with a new run begins anew', {
    timeout: 5 * MINUTES,
  }, async () => {
    const steps = (out: string) =>
      existsSync(join(file(out), 'metrics.jsonl')) ? metricsText(file(out)).split('\n').length - 1 : 0;
    const whileRunning = async (child: ChildProcess) => {
      while (steps('broken') < 12) await setTimeout(5);
      child.kill('SIGINT');
    };
    const broken = (...more: string[]) => [...trainArgs('broken', '--report', file('broken.html')), ...more];
    const { out } = await scratchformer(broken('--steps', '2000'), {
      whileRunning: (child) => void whileRunning(child),
    });
    const stopped = Number(/stopped after step (\d+)/.exec(out)![1]);
    appendFileSync(
      join(file('broken'), 'watch.jsonl'),
      `{"step":${stopped + 1},"sample":"late"}\n{"step":${stopped}`,
    );
    const args = ['train', '--out', file('broken'), '--resume', '--report', file('broken.html')];
    expect((await scratchformer([...args, '--steps', `${stopped + 5}`])).err).toBe('');
    const lines = watchLines('broken');
    expect(stepsWith(lines, 'about')).toEqual([0, stopped]);
    expect(lines.map(({ step }) => step)).toEqual(lines.map(({ step }) => step).toSorted((a, b) => a - b));
    expect(lines.at(-1)!.step).toBe(stopped + 5);
    expect((await scratchformer(broken())).err).toBe('');
    expect(readdirSync(file('broken/earlier-1')).sort()).toEqual([
      'best.safetensors',
      'checkpoint.safetensors',
      'config.json',
      'metrics.jsonl',
      'watch.jsonl',
    ]);
    expect(stepsWith(watchLines('broken'), 'about')).toEqual([0]);
  });
});

describe('a report', () => {
  test('is one file, which asks nobody for anything, and whose policy knows its scripts by their hashes', () => {
    const html = readFileSync(file('report.html'), 'utf8');
    expect(html).toBe(reportOf([file('watched')]));
    expect(html).not.toMatch(/<(?:script|link|img)[^>]*(?:src|href)="(?!data:)/);
    expect(html).toMatch(/content="default-src 'none'; script-src ('sha256-[\w+/=]{44}' ?){2}; style-src/);
    expect(html).not.toMatch(/^(?:import|export) /m);
    expect(html).toContain('Copyright (c) 2022 Leon Sorokin');
  });

  test('has samples as data, which no text in them can end', () => {
    mkdirSync(file('hostile'));
    writeFileSync(join(file('hostile'), 'metrics.jsonl'), '{"step":1,"loss":2}\n{"step":2,"lo');
    const sample = '</script><script>alert(1)</script><!-- \u2028 $& ';
    writeFileSync(join(file('hostile'), 'watch.jsonl'), `${JSON.stringify({ step: 1, sample })}\n`);
    const html = reportOf([file('hostile'), file('watched')]);
    expect(html).not.toContain('alert(1)</script>');
    const [, data] = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(html)!;
    expect(JSON.parse(data!)).toMatchObject([
      { name: 'hostile', metrics: [{ step: 1, loss: 2 }], watch: [{ step: 1, sample }] },
      { name: 'watched' },
    ]);
  });

  test('is written of runs that are over, too', async () => {
    const { out, err } = await scratchformer([
      'watch',
      file('plain'),
      file('watched'),
      '--report',
      file('both.html'),
    ]);
    expect({ out, err }).toEqual({ out: `report: ${file('both.html')}\n`, err: '' });
    expect(readFileSync(file('both.html'), 'utf8')).toBe(reportOf([file('plain'), file('watched')]));
  });
});

test('the built package serves the same page, from its thread, too', { timeout: 5 * MINUTES }, async () => {
  const built = buildPackage();
  const main = join(built, 'src/cli/scratchformer.js');
  const report = await runNode([main, 'watch', file('watched'), '--report', file('built.html')]);
  expect(report).toMatchObject({ code: 0, errors: '' });
  expect(readFileSync(file('built.html'), 'utf8')).toBe(readFileSync(file('report.html'), 'utf8'));
  const args = trainArgs('built', '--watch', '--port', '0');
  const { code, errors, output } = await runNode([main, ...args]);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(output).toMatch(/^watch at http:\/\/127\.0\.0\.1:\d+\/$/m);
  expect(metricsText(file('built'))).toBe(metricsText(file('watched')));
  rmSync(built, { recursive: true });
});

test('bad input is one clear line, before anything is touched', { timeout: 5 * MINUTES }, async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const taken = `${(other.address() as AddressInfo).port}`;
  mkdirSync(file('empty'));
  const cases: [args: string[], message: string][] = [
    [['watch', file('nowhere')], `watch: the runs are folders that are there. got ${file('nowhere')}.`],
    [['watch', file('text.txt')], 'watch: the runs are folders that are there.'],
    [['watch'], "missing required argument 'runs'"],
    [
      ['watch', file('plain'), '--port', taken],
      `watch: the port can be listened on. got ${taken}: listen EADDRINUSE`,
    ],
    [['watch', file('empty'), '--report', file('no.html')], 'report: a run has metrics. got none yet.'],
    [['watch', file('plain'), '--report', file('none/no.html')], 'report: its folder is there.'],
    [trainArgs('plain', '--watch', '--port', taken), `watch: the port can be listened on. got ${taken}`],
    [trainArgs('plain', '--port', '0'), 'train: --port comes with --watch.'],
    [trainArgs('plain', '--report', file('none/no.html')), 'report: its folder is there.'],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await scratchformer(args); // one by one: a folder is of one run at a time
    expect(err).toContain(message);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  }
  other.close();
  expect(readdirSync(file('plain')).sort()).toEqual([
    'best.safetensors',
    'checkpoint.safetensors',
    'config.json',
    'metrics.jsonl',
  ]);
  expect(existsSync(file('no.html'))).toBe(false);
});
