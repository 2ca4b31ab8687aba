/** The settings of a run: flags, the dial of depth, config files, and weights to start from. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import { type RunConfig, runConfig } from '../../src/cli/config.ts';
import { recipe } from '../../src/cli/depth.ts';
import { settingNames } from '../../src/cli/settingsFlags.ts';
import { type TrainFlags, train as trainHere } from '../../src/cli/train.ts';
import { encodeSafetensors } from '../../src/io/index.ts';
import { InvariantError } from '../../src/tensor/index.ts';
import { loadCheckpoint } from '../../src/train/index.ts';
import { metricsText, readMetrics, scratchformer, small } from '../support/cli.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const file = (name: string) => join(folder, name);
const text = 'Am Brunnen vor dem Tore, da steht ein Lindenbaum.\n'.repeat(20);

/** Trains into `out`, with the little text unless `more` says otherwise; fails if that does. */
async function train(out: string, ...more: string[]): Promise<string> {
  const data = more.includes('--config') ? [] : ['--data', file('text.txt'), '--steps', '12', ...small];
  const { code, err, out: printed } = await scratchformer(['train', '--out', file(out), ...data, ...more]);
  expect(err).toBe('');
  expect(code).toBe(0);
  return printed;
}

async function refused(...args: string[]): Promise<string> {
  const result = await scratchformer([
    'train',
    '--data',
    file('text.txt'),
    '--out',
    file('refused'),
    ...args,
  ]);
  expect(result.code).toBe(1);
  expect(result.err).toMatch(/^error: .*\n$/);
  expect(existsSync(file('refused'))).toBe(false);
  return result.err;
}

/** The same within this process, which takes no start. */
type TrainSettings = Omit<TrainFlags, 'out'>;
async function refusedHere(settings: TrainSettings, message: string): Promise<void> {
  const ofText = settings.config ? {} : { data: file('text.txt') };
  const flags = { out: file('refused'), ...ofText, ...settings };
  await expect(trainHere(flags)).rejects.toThrow(InvariantError);
  await expect(trainHere(flags)).rejects.toThrow(message);
  expect(existsSync(file('refused'))).toBe(false);
}

const checkpoint = (out: string) => loadCheckpoint(join(file(out), 'checkpoint.safetensors'));
const config = (out: string) => JSON.parse(readFileSync(join(file(out), 'config.json'), 'utf8')) as RunConfig;

/** A little of everything that draws random numbers. */
const first = ['--dropout', '0.1', '--eval-every', '5', '--optimizer', 'muon', '--rotary-base', '500', '--positions', 'rotary']; // biome-ignore format: a command line

beforeAll(async () => {
  writeFileSync(file('text.txt'), text);
  await train('first', ...first);
});

describe('flags', () => {
  test('every option of GPT and every setting of a run has one', () => {
    const { vocabSize: _, ...options } = new GPT({ vocabSize: 2, context: 2 }).options;
    const { model: _m, data: _d, ...ofRun } = runConfig({});
    for (const name of [...Object.keys(options), ...Object.keys(ofRun)]) expect(settingNames).toContain(name);
  });

  test('options of GPT reach the model', async () => {
    const options = ['--window', '4', '--parallel', '--output-init', 'zeros', '--logit-cap', '20', '--eps', '1e-4', '--no-tied-head', '--bias', '--no-qk-norm', '--head-size', '6', '--position-init', 'normal']; // biome-ignore format: a command line
    await train('options', ...options);
    expect(config('options').model).toMatchObject({
      ...{ window: 4, parallel: true, outputInit: 'zeros', logitCap: 20, eps: 1e-4, tiedHead: false },
      ...{ bias: true, qkNorm: false, headSize: 6, positionInit: 'normal' },
    });
    const { model } = await checkpoint('options');
    expect(model.get('head.weight')!.shape).toEqual([model.get('tokens.weight')!.shape[0], 16]);
    expect(model.get('blocks.0.attention.query.weight')!.shape).toEqual([12, 16]);
  });

  test('--schedule wsd stays at the peak until the last fifth', async () => {
    await train('wsd', '--schedule', 'wsd', '--steps', '20', '--lr', '0.01', '--warmup', '1');
    const rates = readMetrics(file('wsd')).flatMap(({ lr }) => lr ?? []);
    expect(rates.slice(0, 17)).toEqual([0.005, ...Array(16).fill(0.01)]);
    expect(rates[17]).toBeCloseTo(2e-4 + (0.01 - 2e-4) * (1 - Math.sqrt(1 / 4)), 12);
  });

  test('--accumulate reads as many batches for a step', async () => {
    const printed = await train('accumulated', '--accumulate', '3');
    expect(printed).toContain('12 steps of 3 × 4 × 16 characters');
    expect(metricsText(file('accumulated'))).not.toBe(metricsText(file('first')));
  });

  test.each<[TrainSettings, string]>([
    [{ schedule: 'linear' as never }, 'schedule is known. got "linear". known: cosine, wsd.'],
    [{ accumulate: 0 }, 'accumulate is a whole number ≥ 1. got 0.'],
    [{ keep: 'all' as never }, 'keep is best, last or a whole number ≥ 1. got "all".'],
    [{ keep: 0 }, 'keep is best, last or a whole number ≥ 1. got 0.'],
    [{ ema: 1 }, 'ema lies in [0, 1). got 1.'],
    [{ earlyStop: -1 }, 'earlyStop is a whole number ≥ 0. got -1.'],
    [{ depth: 2.5 }, 'the depth is a whole number from 1 to 64. got 2.5.'],
    [{ logitCap: -1 }, 'logitCap is a finite number > 0. got -1.'],
    [{ config: 'nowhere.json' }, 'config nowhere.json: the file can be read. got ENOENT.'],
    [{ initFrom: 'nowhere' }, 'checkpoint.safetensors: the file can be read. got'],
  ])('%j is refused before anything is written', async (settings, message) => {
    await refusedHere(settings, message);
  });
});

describe('--depth', () => {
  test.each([1, 2, 4, 8, 12, 24])('%d: every part follows its formula', (depth) => {
    const { width, heads, layers, context, batchSize, steps, lr } = recipe(depth, {});
    expect([layers, heads]).toEqual([depth, depth]);
    expect(width! / heads!).toBe(depth <= 4 ? 32 : 64);
    expect(lr! * Math.sqrt(width! / 768)).toBeCloseTo(6e-4, 4);
    const tokens = steps! * batchSize! * context!;
    expect(tokens / (12 * layers! * width! ** 2)).toBeCloseTo(20, 0);
  });

  test('what is given stays, and the rest follows from it', () => {
    const { steps } = recipe(2, {});
    expect(recipe(2, { width: 128 })).toMatchObject({ layers: 2, width: 128, steps: steps! * 4 });
    expect(recipe(2, { accumulate: 4 }).steps).toBeCloseTo(steps! / 4, -1);
    expect(recipe(2, { lr: 1, steps: 3, heads: 1 })).toMatchObject({
      lr: 1,
      steps: 3,
      heads: 1,
      evalEvery: 1,
    });
  });

  test('is printed, and what it sets is what is trained', async () => {
    const printed = await train('deep', '--depth', '2', '--steps', '3');
    expect(printed).toMatch(/^recipe of depth 2: layers 1 · heads 2 · width 16 · .* · lr 0\.0042 · 3 steps of 4 × 16 tokens\n/); // biome-ignore format: one line
    expect(config('deep')).toMatchObject({ lr: 0.0042, model: { initStd: 0.12, width: 16 } });
  });
});

describe('--config', () => {
  test('a run is repeated from its config.json, to the bit', async () => {
    await train('again', '--config', join(file('first'), 'config.json'));
    expect(metricsText(file('again'))).toBe(metricsText(file('first')));
    const bytes = (out: string) => readFileSync(join(file(out), 'checkpoint.safetensors'));
    expect(bytes('again').equals(bytes('first'))).toBe(true);
  });

  test('flags win over it, and switches can be turned off', async () => {
    const settings = { ...config('first'), steps: 2, qkNorm: true };
    writeFileSync(file('own.json'), JSON.stringify(settings));
    await train('other', '--config', file('own.json'), '--lr', '0.5', '--no-qk-norm', '--width', '8');
    const { lr, model, steps, optimizer } = config('other');
    expect({ lr, width: model.width, qkNorm: model.qkNorm, steps, optimizer }).toEqual({
      ...{ lr: 0.5, width: 8, qkNorm: false, steps: 2, optimizer: 'muon' },
    });
  });

  test.each([
    ['{', 'the file is JSON. got'],
    ['[1]', 'the file has one object with settings. got [1].'],
    ['{"stepz": 1}', 'every setting is known. got "stepz". did you mean "steps"?'],
    ['{"model": {"widht": 1}}', 'every setting is known. got "widht". did you mean "width"?'],
    ['{"model": 3}', 'the settings of the model are an object. got 3.'],
    ['{"lr": "fast"}', 'train: lr is a number. got "fast".'],
    ['{"data": 3}', 'train: data is a path, or "stories". got 3.'],
    ['{"window": null}', 'window'],
  ])('%s is refused', async (json, message) => {
    writeFileSync(file('bad.json'), json);
    const data = json.includes('data') ? {} : { data: file('text.txt') };
    await refusedHere({ config: file('bad.json'), ...data }, message);
  });
});

describe('--init-from', () => {
  test('a run: its model, its tokenizer and its weights', async () => {
    writeFileSync(file('other.txt'), 'Da steht ein Brunnen vor dem Baum.\n'.replace('D', 'd').replace('B', 'L').repeat(20)); // biome-ignore format: one line
    const args = ['--init-from', file('first'), '--data', file('other.txt'), '--steps', '1', '--dropout', '0', '--lr', '1e-9']; // biome-ignore format: a command line
    const { out, err } = await scratchformer(['train', '--out', file('tuned'), ...args]);
    expect(err).toBe('');
    expect(out).toContain(
      `weights: ${join(file('first'), 'best.safetensors')}; other settings: dropout 0.1 → 0\n`,
    );
    expect(config('tuned').model).toEqual({ ...config('first').model, dropout: 0 });
    const best = await loadCheckpoint(join(file('first'), 'best.safetensors'));
    const { info, model } = await checkpoint('tuned');
    expect(info.tokenizer).toEqual(best.info.tokenizer);
    for (const [name, { data }] of best.model)
      for (const [i, value] of model.get(name)!.data.entries()) expect(value).toBeCloseTo(data[i]!, 5);
  });

  test('a file of weights alone, with the settings that are given', async () => {
    const { model } = await checkpoint('first');
    writeFileSync(file('plain.safetensors'), encodeSafetensors(model, { format: 'pt' }));
    await train('plain', '--init-from', file('plain.safetensors'), ...first, '--lr', '1e-9');
    await train('same', '--init-from', join(file('first'), 'checkpoint.safetensors'), '--lr', '1e-9', '--optimizer', 'muon', '--eval-every', '5'); // biome-ignore format: one line
    expect(metricsText(file('plain'))).toBe(metricsText(file('same')));
  });

  test('what does not fit is listed, with the settings that differ', async () => {
    const err = await refused('--init-from', file('first'), '--width', '8', '--heads', '1', '--no-tied-head');
    expect(err).toContain('tokens.weight (22, 16) for (22, 8); ');
    expect(err).toMatch(/; and \d+ more; settings that differ: heads 2 → 1, width 16 → 8, tiedHead default → false\. leave/); // biome-ignore format: one line
  });

  test('characters that its tokenizer does not know are listed', async () => {
    writeFileSync(file('strange.txt'), 'Größe!\n'.repeat(20));
    expect(await refused('--init-from', file('first'), '--data', file('strange.txt'))).toContain('"ö"');
  });
});
