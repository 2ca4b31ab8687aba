/** Fine-tuning as a person does it: a tiny run, prompts and answers, all weights or adapters, and merging. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type FinetuneFlags, finetune } from '../../src/cli/finetune.ts';
import { merge } from '../../src/cli/merge.ts';
import { train } from '../../src/cli/train.ts';
import { type Checkpoint, encodeCheckpoint, loadCheckpoint } from '../../src/train/index.ts';
import { metricsText, type Result, readMetrics, scratchformer, small } from '../support/cli.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const path = (name: string) => join(folder, name);
const load = (run: string): Promise<Checkpoint> => loadCheckpoint(path(`${run}/checkpoint.safetensors`));
const cli = (...args: string[]) => scratchformer(args);
const tune = (out: string, ...more: string[]) =>
  cli('finetune', '--checkpoint', path('base'), '--data', path('pairs.jsonl'), '--out', path(out), ...more);

/** Answers are the prompt's letter three times. */
const letters = [...'abcdefghij'];
const pair = (letter: string) => JSON.stringify({ prompt: `${letter}: `, answer: letter.repeat(3) });

beforeAll(async () => {
  writeFileSync(path('text.txt'), `${letters.join(' ')}: ${letters.join('')}\n`.repeat(30));
  writeFileSync(path('pairs.jsonl'), letters.map(pair).join('\n'));
  const args = ['--data', path('text.txt'), '--steps', '40', '--dropout', '0.1', ...small];
  for (const [out, seed] of [['base', '1'], ['other', '2']] as const)
    expect(await cli('train', '--out', path(out), ...args, '--seed', seed)).toMatchObject({ code: 0, err: '' });
}); // biome-ignore format: shorter

const held =
  /loss of the answers held out\n {2}before {2}(.*) nats .* bits per byte\)\n {2}after {3}(.*) nats/;

/** The losses of the answers before and after, as a run has printed them. */
function losses({ code, out, err }: Result): [before: number, after: number] {
  expect(err).toBe('');
  expect(code).toBe(0);
  const [, before, after] = held.exec(out)!;
  return [Number(before), Number(after)];
}

const sample = async (run: string) =>
  (await cli('sample', '--checkpoint', path(run), '--prompt', 'c: ', '--temperature', '0', '--max-tokens', '9')).out; // biome-ignore format: one line

test('all weights: learns the answers and where they end, and is an ordinary run', async () => {
  const result = await tune('full', '--steps', '150', '--lr', '0.01');
  const [before, after] = losses(result);
  expect(after).toBeLessThan(before);
  expect(result.out).toContain('9 answers to learn, 1 held out; they end with "\\n"');
  expect(result.out).toMatch(/trained are all weights: ([\d,]+) of \1 parameters/);
  const last = readMetrics(path('full')).at(-1)!;
  expect(last.finalValidationLoss!.toFixed(4)).toBe(`${after.toFixed(4)}`);
  expect(await sample('full')).toMatch(/^c: .{3}\n/);
  const { out } = await cli('info', '--checkpoint', path('full'));
  expect(out).toMatch(/^step 150 of 150, [\s\S]*\nfine-tuned from \.\.\/base: /);
  const evaluated = await cli('eval', '--checkpoint', path('full'));
  expect(evaluated.out).toMatch(/^loss .* validation part\n$/);
});

describe('adapters', () => {
  const flags = ['--lora', '2', '--steps', '100', '--lr', '0.02'];
  let result: Result;
  beforeAll(async () => {
    result = await tune('adapters', ...flags);
  });

  test('alone are trained, saved and in the optimizer', async () => {
    const [before, after] = losses(result);
    expect(after).toBeLessThan(before);
    expect(result.out).toMatch(/adapters of rank 2, alpha 4, in query, value: 128 of /);
    const { model, optimizer, info } = await load('adapters');
    const names = ['query', 'value'].flatMap((layer) => [`${layer}.adapter.A`, `${layer}.adapter.B`]);
    expect([...model.keys()].sort()).toEqual(names.map((name) => `blocks.0.attention.${name}`));
    expect(optimizer.tensors.size).toBe(2 * names.length); // m and v of each, of nothing else
    expect(info.finetune).toMatchObject({ base: '../base', config: { lora: 2, alpha: 4, targets: ['query', 'value'] } });
    const sizeOf = (run: string) => statSync(path(`${run}/checkpoint.safetensors`)).size;
    expect(sizeOf('adapters')).toBeLessThan(sizeOf('base') / 5);
  }); // biome-ignore format: shorter

  test('are used with their base, and merge into it exactly', async () => {
    const merged = await cli('merge', '--checkpoint', path('base'), '--adapter', path('adapters'), '--out', path('merged')); // biome-ignore format: one line
    expect(merged).toMatchObject({ code: 0, err: '' });
    expect(await sample('merged')).toBe(await sample('adapters'));
    expect(await sample('merged')).not.toBe(await sample('base'));
    const [one, other] = await Promise.all(
      ['merged', 'adapters'].map((run) => cli('eval', '--checkpoint', path(run))),
    );
    expect(one).toEqual(other);
    const [base, { model: adapters, info }, { model }] = [await load('base'), await load('adapters'), await load('merged')]; // biome-ignore format: one line
    expect([...model.keys()]).toEqual([...base.model.keys()]);
    const { lora, alpha } = (info.finetune as { config: { lora: number; alpha: number } }).config;
    for (const [name, weight] of model) {
      const [A, B] = ['A', 'B'].map((part) => adapters.get(name.replace('weight', `adapter.${part}`))?.toArray()) as (number[][] | undefined)[]; // biome-ignore format: one line
      const was = base.model.get(name)!.toArray() as number[][];
      const is = A ? was.map((row, i) => row.map((w, j) => Math.fround(w + (alpha / lora) * A.reduce((sum, a, r) => sum + a[j]! * B![i]![r]!, 0)))) : was; // biome-ignore format: one line
      expect(weight.toArray(), name).toEqual(is);
    }
    const { out } = await cli('info', '--checkpoint', path('merged'));
    expect(out).toContain('fine-tuned from ../base');
    const again = ['--checkpoint', path('merged'), '--data', path('pairs.jsonl'), '--out', path('again')];
    losses(await cli('finetune', ...again, '--steps', '3', '--lora', '1', '--optimizer', 'muon'));
    expect(await sample('again')).toMatch(/^c: /);
  });

  test.each([
    ['itself', '', 1],
    ['another that was trained on it', '../second', 2],
  ])('trained on %s are refused', async (_, base, length) => {
    const bases = { first: base, second: '../first' };
    for (const [name, base] of Object.entries(bases)) {
      const { info, ...rest } = await load('adapters');
      const finetune = { ...(info.finetune as object), base };
      mkdirSync(path(name), { recursive: true });
      writeFileSync(
        path(`${name}/checkpoint.safetensors`),
        encodeCheckpoint({ ...rest, info: { ...info, finetune } }),
      );
    }
    const { code, err } = await cli('sample', '--checkpoint', path('first'));
    expect(err).toMatch(
      /^error: adapters in .*: the models they were trained on lead to one with all its weights\. got a circle of (\d)/,
    );
    expect([code, err.match(/circle of (\d)/)![1]]).toEqual([1, `${length}`]);
    const resumed = await cli('finetune', '--out', path('first'), '--resume', '--steps', '200');
    expect(resumed).toMatchObject({ code: 1, err: expect.stringContaining('got a circle of') });
  });
});

/** Ends a run by a signal after its step `after`, wherever in the next one it is then. */
async function interrupted(signal: NodeJS.Signals, after: number, out: string, ...more: string[]) {
  const file = path(`${out}/metrics.jsonl`);
  const done = () => (existsSync(file) ? readFileSync(file, 'utf8').match(/"loss"/g)?.length ?? 0 : 0); // biome-ignore format: one line
  return scratchformer(
    ['finetune', '--checkpoint', path('base'), '--data', path('pairs.jsonl'), '--out', path(out), ...more],
    {
      whileRunning: async (child) => {
        while (child.exitCode === null && done() < after) await setTimeout(1);
        child.kill(signal);
      },
    },
  );
}

test.each([
  ['SIGTERM', '0'],
  ['SIGKILL', '2'],
] as const)('a run ended by %s, with --lora %s, resumes to the bit', async (signal, rank) => {
  const flags = ['--lora', rank, '--steps', '1500', '--eval-every', '60'];
  const unbroken = tune(`unbroken${rank}`, ...flags);
  const broken = `broken${rank}`;
  const { out, code } = await interrupted(signal, 130, broken, ...flags);
  expect(code).toBe(signal === 'SIGTERM' ? 143 : null);
  if (signal === 'SIGTERM') expect(out).toMatch(/stopped after step \d+; go on with: .* finetune .* --resume/);
  losses(await cli('finetune', '--out', path(broken), '--resume'));
  losses(await unbroken);
  expect(metricsText(path(broken))).toBe(metricsText(path(`unbroken${rank}`)));
  const bytes = (run: string) => readFileSync(path(`${run}/checkpoint.safetensors`));
  expect(bytes(broken).equals(bytes(`unbroken${rank}`))).toBe(true);
}); // biome-ignore format: shorter

describe('refuses, and changes nothing:', () => {
  const write = (name: string, ...lines: string[]) => writeFileSync(path(name), lines.join('\n'));
  const data = (name: string) => ({ checkpoint: path('base'), out: path('x'), data: path(name) });
  beforeAll(() => {
    write('broken.jsonl', pair('a'), '{"prompt": "a"');
    write('unknown.jsonl', pair('a'), pair('é'));
    write('long.jsonl', pair('a'), JSON.stringify({ prompt: 'a', answer: 'a'.repeat(20) }));
    write('ends.jsonl', pair('a'), JSON.stringify({ prompt: 'b', answer: 'a\nb' }));
    write('one.jsonl', pair('a'), pair('a'));
  });

  test.each<[string, () => FinetuneFlags, string]>([
    ['no base', () => ({ out: path('x'), data: 'x' }), '--checkpoint is the folder of the run to begin from. got none.'],
    ['no data', () => ({ out: path('x'), checkpoint: path('base') }), '--data is the file of prompts and answers. got undefined.'],
    ['its own folder', () => ({ ...data('pairs.jsonl'), out: path('base') }), '--out is another folder than --checkpoint.'],
    ['a broken line', () => data('broken.jsonl'), 'in line 2.'],
    ['a character that the model does not know', () => data('unknown.jsonl'), 'every character is in the vocabulary. got "é"'],
    ['an answer too long', () => data('long.jsonl'), 'at most context + 1 = 17 tokens. got 22 in pair 1.'],
    ['an answer with its end inside', () => data('ends.jsonl'), 'no answer has the token that ends it. got "a\\nb". leave it out there, or end answers with another by --stop.'],
    ['one prompt', () => data('one.jsonl'), 'there are two different prompts at least. got 1.'],
    ['an unknown end', () => ({ ...data('pairs.jsonl'), stop: '#' }), 'the text ends with one token that the model knows. got "#".'],
    ['options of adapters without them', () => ({ ...data('pairs.jsonl'), alpha: 3 }), '--alpha and --targets go with adapters. got alpha. give their rank by --lora.'],
    ['a target that is no layer', () => ({ ...data('pairs.jsonl'), lora: 2, targets: ['qeury'] }), 'each target is a linear layer of the model. got qeury. did you mean "query"?'],
    ['other settings on resuming', () => ({ out: path('full'), resume: true, lr: 1 }), 'only --steps may change. got lr.'],
    ['a finished run', () => ({ out: path('full'), resume: true }), 'the run has steps left of its 150. got a checkpoint of step 150.'],
    ['resuming what is none', () => ({ out: path('base'), resume: true }), 'the folder is that of a fine-tuning.'],
  ])('%s', async (_, flags, message) => {
    await expect(finetune(flags())).rejects.toThrow(message);
    expect(existsSync(path('x'))).toBe(false);
  }); // biome-ignore format: a table

  test('other answers on resuming', async () => {
    const file = path('pairs.jsonl');
    const was = readFileSync(file, 'utf8');
    writeFileSync(file, was.replace('aaa', 'aab'));
    const { code, err } = await cli('finetune', '--out', path('adapters'), '--resume', '--steps', '101');
    writeFileSync(file, was);
    expect(err).toMatch(/the answers in \S*pairs\.jsonl are what they were, by their SHA-256\. got \w{12}, \w{12} before/);
    expect([code, (await load('adapters')).step]).toEqual([1, 100]);
  }); // biome-ignore format: shorter

  test('training on from a fine-tuned model, and merging what has no adapters', async () => {
    await expect(train({ out: path('full'), resume: true })).rejects.toThrow(
      'the folder is that of a training. got a fine-tuned model. finetune --resume',
    );
    const flags = { checkpoint: path('base'), adapter: path('full'), out: path('x') };
    await expect(merge(flags)).rejects.toThrow('--adapter is the folder of a fine-tuning with --lora.');
    await expect(merge({ ...flags, adapter: path('adapters'), checkpoint: path('other') })).rejects.toThrow(
      /adapters for \S*other: its weights are those that the adapters were trained on\. got weights \w{12}, trained on \w{12}\. take the run/,
    );
    expect(existsSync(path('x'))).toBe(false);
  }); // biome-ignore format: shorter

  test('in one line', async () => {
    const { code, out, err } = await cli('finetune', '--out', path('x'), '--checkpoint', path('base'), '--data', path('one.jsonl')); // biome-ignore format: one line
    expect(err).toMatch(/^error: data \S*one.jsonl: there are two different prompts at least\. got 1\.\n$/);
    expect([code, out]).toEqual([1, '']);
  });
});
