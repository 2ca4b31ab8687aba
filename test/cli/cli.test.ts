import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunConfig } from '../../src/cli/config.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/train/index.ts';
import { metricsText, type Result, readMetrics, scratchformer, small } from '../support/cli.ts';
import { root } from '../support/root.ts';

const folder = mkdtempSync(join(tmpdir(), 'cli-'));
const file = (name: string) => join(folder, name);

/** `interruptAfter` presses Ctrl-C once that text has been printed. */
function run(args: string[], interruptAfter?: string): Promise<Result> {
  let out = '';
  return scratchformer(args, {
    whileRunning: (child) =>
      child.stdout!.on('data', (data) => {
        out += data;
        if (!interruptAfter || !out.includes(interruptAfter)) return;
        interruptAfter = undefined;
        child.kill('SIGINT');
      }),
  });
}

const trainArgs = (out: string, ...more: string[]) => [
  'train', '--data', file('text.txt'), '--out', file(out), '--steps', '40', '--eval-every', '15', ...small, ...more,
]; // biome-ignore format: a command line
const metrics = (out: string) => metricsText(file(out));

beforeAll(async () => {
  writeFileSync(
    file('text.txt'),
    'Über allen Gipfeln ist Ruh, 🌲 in allen Wipfeln spürest du kaum einen Hauch.\n'.repeat(12),
  );
  const { code, err } = await run(trainArgs('first'));
  expect(err).toBe('');
  expect(code).toBe(0);
});

describe('train', () => {
  test('writes a line of metrics for each step and each evaluation, twice the same bytes', async () => {
    await run(trainArgs('second'));
    expect(metrics('second')).toBe(metrics('first'));
    const lines = readMetrics(file('first'));
    expect(lines.filter(({ loss }) => loss !== undefined).map(({ step }) => step)).toEqual(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    expect(
      lines.filter(({ validationLoss }) => validationLoss !== undefined).map(({ step }) => step),
    ).toEqual([15, 30, 40]);
    expect(lines.at(-1)!.finalValidationLoss).toBeLessThan(lines[0]!.loss!);
  });

  test('Ctrl-C finishes the step and saves; --resume goes on to the same end', async () => {
    const stopped = await run(trainArgs('stopped'), 'step 15/40');
    expect(stopped.code).toBe(130);
    expect(stopped.out).toMatch(
      /stopped after step \d+; go on with: scratchformer train --out .*stopped --resume/,
    );
    const resumed = await run(['train', '--out', file('stopped'), '--resume']);
    expect(resumed.err).toBe('');
    const steps = (text: string) => text.split('\n').filter((line) => line.includes('"loss"'));
    expect(steps(metrics('stopped'))).toEqual(steps(metrics('first')));
    const checkpoint = (out: string) => readFileSync(join(file(out), 'checkpoint.safetensors'));
    expect(checkpoint('stopped').equals(checkpoint('first'))).toBe(true);
  });

  test.each(['muon', 'lion'])(
    '--optimizer %s learns another way, and is resumed to the bit',
    async (name) => {
      const whole = await run(trainArgs(name, '--optimizer', name));
      expect(whole.err).toBe('');
      expect(metrics(name)).not.toBe(metrics('first'));
      const lines = readMetrics(file(name));
      expect(lines.at(-1)!.finalValidationLoss).toBeLessThan(lines[0]!.loss!);
      const moment = `step ${[2, 6, 11, 17, 23][Math.floor(5 * Math.random())]}`; // shown every other step or so
      await run(trainArgs(`${name}-stopped`, '--optimizer', name), moment);
      expect((await run(['train', '--out', file(`${name}-stopped`), '--resume'])).err).toBe('');
      const checkpoint = (out: string) => readFileSync(join(file(out), 'checkpoint.safetensors'));
      expect(checkpoint(`${name}-stopped`).equals(checkpoint(name)), moment).toBe(true);
    },
  );

  test.skipIf(process.platform !== 'linux')('in a terminal, what is printed last is not lost', async () => {
    const source = `import { progress } from './src/cli/progress.ts'; const shown = progress(0, 9); shown.print('last words'); shown.stop();`;
    const command = `${process.execPath} --import tsx --input-type=module -e "${source}"`;
    const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], { cwd: root });
    expect(stdout).toContain('last words');
    expect(stdout).toContain('step 0/9');
  });

  test('a checkpoint with the settings of before, all in one list, is rebuilt and goes on as it would have', async () => {
    const relative = ['--norm', 'rmsNorm', '--norm-position', 'post', '--qk-norm', '--activation', 'relu'];
    const now = [file('newer'), file('older')].map((out) => join(out, 'checkpoint.safetensors'));
    for (const out of ['newer', 'older']) expect((await run(trainArgs(out, ...relative))).err).toBe('');
    const { info, ...rest } = await loadCheckpoint(now[1]!);
    const { model, ...others } = info.config as RunConfig;
    const { norm: normLayer, normPosition: norm, positionInit: _, ...settings } = model;
    const flat = { positions: 'learned', bias: false, keyValueHeads: null, ...settings, norm, normLayer };
    await saveCheckpoint(now[1]!, { ...rest, info: { ...info, config: { ...others, ...flat } } });
    for (const out of ['newer', 'older'])
      expect((await run(['train', '--out', file(out), '--resume', '--steps', '50'])).err).toBe('');
    expect(metrics('older')).toBe(metrics('newer'));
    const { model: resumed } = await loadCheckpoint(now[1]!);
    for (const [name, value] of (await loadCheckpoint(now[0]!)).model)
      expect(resumed.get(name)!.data, name).toEqual(value.data);
  });

  test('a used folder keeps what it held, in a folder of its own', async () => {
    await run(trainArgs('twice'));
    const before = metrics('twice');
    const { out } = await run(trainArgs('twice', '--lr', '0.001'));
    expect(out).toContain('held an earlier run');
    expect(readdirSync(file('twice')).sort()).toEqual([
      'best.safetensors',
      'checkpoint.safetensors',
      'config.json',
      'earlier-1',
      'metrics.jsonl',
    ]);
    expect(metrics('twice/earlier-1')).toBe(before);
    expect(metrics('twice')).not.toBe(before);
  });
});

describe('sample, eval, info', () => {
  test('sample writes the prompt and as many characters as asked for, the same for the same seed', async () => {
    const args = [
      'sample',
      '--checkpoint',
      file('first'),
      '--prompt',
      'Über',
      '--max-tokens',
      '30',
      '--top-k',
      '5',
      '--seed',
      '3',
    ];
    const [a, b] = [await run(args), await run(args)];
    expect(a.err).toBe('');
    expect([...a.out.trimEnd()].length).toBeLessThanOrEqual(34);
    expect(a.out.startsWith('Über')).toBe(true);
    expect([...a.out]).toHaveLength(4 + 30 + 1);
    expect(b.out).toBe(a.out);
    expect((await run([...args, '--temperature', '0'])).out).not.toBe(a.out);
  });

  test('of a relative of GPT, which is rebuilt from the checkpoint', async () => {
    const relative = [
      '--positions',
      'rotary',
      '--norm',
      'rmsNorm',
      '--norm-position',
      'post',
      '--key-value-heads',
      '1',
      '--qk-norm',
    ];
    expect((await run(trainArgs('relative', ...relative, '--activation', 'swiglu'))).err).toBe('');
    const args = ['--checkpoint', file('relative')];
    expect((await run(['sample', ...args, '--max-tokens', '9'])).out).toHaveLength(
      '\n'.length + 9 + '\n'.length,
    );
    const { out } = await run(['info', ...args]);
    expect(out).toMatch(/^blocks\.0\.norm1\.gain .*\nblocks\.0\.attention\.query\.weight/m);
    expect(out).toMatch(/^blocks\.0\.attention\.key\.weight +\(8, 16\)/m);
    expect(out).toMatch(/^blocks\.0\.attention\.keyNorm\.gain +\(8\)/m);
    expect(out).not.toMatch(/^positions\./m);
  });

  test('eval prints the loss of the validation text, as training did', async () => {
    const last = readMetrics(file('first')).at(-1)!;
    const { out } = await run(['eval', '--checkpoint', file('first')]);
    expect(out).toContain(`loss ${last.finalValidationLoss!.toFixed(4)} nats per character`);
  });

  test('info without a run says what computes', async () => {
    expect((await run(['info'])).out).toMatch(/^kernels: \w+ \(.+\)\n$/);
  });

  test('info prints settings, the table of parameters and the groups', async () => {
    const { out } = await run(['info', '--checkpoint', file('first')]);
    expect(out).toContain('step 40 of 40');
    expect(out).toMatch(/blocks\.0\.attention\.query\.weight +\(16, 16\) +256 {2}weight/);
    expect(out).toMatch(
      /^decay: 8 tensors, [\d,]+ parameters \(weight decay 0\.1\)\nno decay: 3 tensors, 48 parameters$/m,
    );
  });

  test('help names every command', async () => {
    const { out } = await run(['--help']);
    for (const command of ['train', 'sample', 'eval', 'info']) expect(out).toContain(command);
  });
});

test.each([
  ['no such file', trainArgs('bad').with(2, 'nowhere.txt'), 'the file can be read'],
  ['an activation', trainArgs('bad', '--activation', 'gelo'), 'did you mean "gelu"?'],
  ['heads', trainArgs('bad', '--heads', '3'), 'heads divide the width'],
  ['a place of norms', trainArgs('bad', '--norm-position', 'prae'), 'did you mean "pre"?'],
  [
    'a kind of norms',
    trainArgs('bad', '--norm', 'pre'),
    'the norm is known. got "pre". known: layerNorm, rmsNorm.',
  ],
  ['an optimizer', trainArgs('bad', '--optimizer', 'moun'), 'moun'],
  ['a number', trainArgs('bad', '--lr', 'fast'), 'It must be a number.'],
  ['a learning rate', trainArgs('bad', '--lr', '-1'), '-1'],
  ['a flag', trainArgs('bad', '--witdh', '3'), '(Did you mean --width?)'],
  ['an unwritable folder', trainArgs('text.txt'), 'the output folder can be made'],
  ['no checkpoint', ['sample', '--checkpoint', folder], 'the file can be read. got ENOENT'],
  [
    'a setting at --resume',
    ['train', '--out', join(folder, 'first'), '--resume', '--width', '8'],
    'keeps its settings',
  ],
  ['a finished run', ['train', '--out', join(folder, 'first'), '--resume'], 'give a larger --steps'],
  [
    'an unknown character',
    ['sample', '--checkpoint', join(folder, 'first'), '--prompt', 'Q'],
    '"Q" (U+0051)',
  ],
])('bad input is one line on stderr and exit code 1: %s', async (_, args, message) => {
  const { code, err } = await run(args);
  expect(err).toContain(message);
  expect(err).not.toContain('    at ');
  expect(code).toBe(1);
  expect(readdirSync(folder)).not.toContain('bad');
});
