/** Checkpoints that are damaged, or made to do harm, and texts that are not what they were. */
import { copyFileSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { rebuild } from '../../src/cli/build.ts';
import { loadWhole } from '../../src/cli/loadWhole.ts';
import { train } from '../../src/cli/train.ts';
import { visible } from '../../src/cli/visible.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../../src/train/index.ts';
import { metricsText, scratchformer, small } from '../support/cli.ts';
import { suiteFolder, temporaryFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const whole = join(folder, 'whole');
const data = join(folder, 'text.txt');
const last = 'checkpoint.safetensors';

beforeAll(async () => {
  writeFileSync(data, 'Horch, was kommt von draußen rein? Hollahi, hollaho!\n'.repeat(9));
  const args = ['--data', data, '--steps', '12', '--eval-every', '4', '--keep', '2', ...small];
  expect(await scratchformer(['train', '--out', whole, ...args])).toMatchObject({ code: 0, err: '' });
});

/** A folder with a copy of the run. */
function copied(): string {
  const out = temporaryFolder();
  for (const name of readdirSync(whole)) copyFileSync(join(whole, name), join(out, name));
  return out;
}

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
}

test('the newest whole checkpoint is taken, and the broken ones are named', async () => {
  const out = copied();
  for (const name of [last, 'step-000012.safetensors', 'best.safetensors']) damage(join(out, name));
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  expect((await loadWhole(join(out, last))).step).toBe(8);
  const text = said.mock.calls.flat().join('\n');
  said.mockRestore();
  for (const name of [last, 'step-000012.safetensors', 'best.safetensors'])
    expect(text).toContain(`warning: checkpoint ${join(out, name)}: the bytes are those that were written`);
  expect(text).toContain(`instead of it, ${join(out, 'step-000008.safetensors')} of step 8 is taken`);
  const { code, err } = await scratchformer(['train', '--out', out, '--resume']);
  expect([code, err]).toEqual([0, expect.stringContaining('of step 8 is taken')]);
  expect(metricsText(out)).toBe(metricsText(whole));
  expect(readFileSync(join(out, last)).equals(readFileSync(join(whole, last)))).toBe(true);
  for (const name of readdirSync(out).filter((one) => one.endsWith('.safetensors'))) damage(join(out, name));
  await expect(loadWhole(join(out, last))).rejects.toThrow(`checkpoint ${join(out, last)}: the bytes`);
});

describe('what a checkpoint says is checked before it is used:', () => {
  let good: Checkpoint;
  beforeAll(async () => {
    good = await loadCheckpoint(join(whole, last));
  });
  const withModel = (model: object): Checkpoint => {
    const config = good.info.config as { model: object };
    return { ...good, info: { ...good.info, config: { ...config, model: { ...config.model, ...model } } } };
  };

  test.each([
    [{ width: 2 ** 20 }],
    [{ layers: 9999 }],
    [{ hidden: 2 ** 24 }],
    [{ headSize: 2 ** 24 }],
    [{ positions: 'rotary', context: 2 ** 30 }],
  ])('sizes: %j', async (model) => {
    const before = process.memoryUsage().rss;
    await expect(rebuild(withModel(model))).rejects.toThrow(
      'checkpoint: the file has the weights of the model that it describes. got 3',
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 26);
  });

  test.each<[string, (checkpoint: Checkpoint) => Checkpoint, string]>([
    ['updates', (all) => ({ ...all, step: 9 }), 'got 12 updates in 9 steps, 0 of them skipped'],
    ['a stream', (all) => ({ ...all, random: { seed: 1, streams: { shuffle: {} } } }) as unknown as Checkpoint, 'the state has a seed and streams'],
    ['the text', (all) => ({ ...all, info: { ...all.info, dataHash: 'abcd' } }), 'is what it was, by its SHA-256. got'],
    ['the tokenizer', (all) => ({ ...all, info: { ...all.info, tokenizer: { type: 'char', characters: ['aa'] } } }), 'CharTokenizer'],
  ])('%s', async (_, change, message) => {
    const out = copied();
    await saveCheckpoint(join(out, last), change(good));
    const before = [readdirSync(out), metricsText(out), statSync(join(out, last)).mtimeMs];
    await expect(train({ out, resume: true, steps: 15 })).rejects.toThrow(message);
    expect([readdirSync(out), metricsText(out), statSync(join(out, last)).mtimeMs]).toEqual(before);
  }); // biome-ignore format: a table
});

test('a text that has moved is found by --data, and only the same', async () => {
  const out = copied();
  const moved = join(folder, 'moved.txt');
  const other = join(folder, 'other.txt');
  renameSync(data, moved);
  writeFileSync(other, readFileSync(moved, 'utf8').replace('Horch', 'horch').replace('hollaho', 'Hollaho'));
  const resume = (...more: string[]) => scratchformer(['train', '--out', out, '--resume', '--steps', '15', ...more]);
  expect((await resume()).err).toContain('the file can be read');
  expect((await resume('--data', other)).err).toMatch(/^error: train --resume: the data .* SHA-256\. got \w{12}, \w{12} before\. /);
  expect(await resume('--data', moved)).toMatchObject({ code: 0, err: '' });
  expect((await loadCheckpoint(join(out, last))).info.config).toMatchObject({ data: moved });
  renameSync(moved, data);
}); // biome-ignore format: shorter

test('control characters are shown in a terminal, and go through a pipe', () => {
  const text = 'a\x1b[2J\x07\x9b31m\r\n\tä🙂\x7f';
  expect(visible(text, { isTTY: true })).toBe('a\\x1b[2J\\x07\\x9b31m\\x0d\n\tä🙂\\x7f');
  expect(visible(text, { isTTY: false })).toBe(text);
});
