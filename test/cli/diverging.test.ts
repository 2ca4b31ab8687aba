/** Runs that diverge, what is left of them, and how they go on. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { RunConfig } from '../../src/cli/config.ts';
import { loadRun } from '../../src/cli/loadRun.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from '../../src/train/index.ts';
import { metricsText, type Result, scratchformer, small } from '../support/cli.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const out = join(suiteFolder(), 'run');
const path = join(out, 'checkpoint.safetensors');
const lines = () => metricsText(out).trim().split('\n');
const resume = (...more: string[]) => scratchformer(['train', '--out', out, '--resume', ...more]);
let before: Checkpoint;
let result: Result;

beforeAll(async () => {
  const data = join(out, '../text.txt');
  writeFileSync(data, 'Es klappert die Mühle am rauschenden Bach, klipp klapp.\n'.repeat(9));
  const size = ['--steps', '40', '--eval-every', '20', '--max-skipped', '4', ...small];
  const first = await scratchformer(['train', '--data', data, '--out', out, ...size]);
  expect(first).toMatchObject({ code: 0, err: '' });
  const { info, ...rest } = await loadCheckpoint(path);
  const config = { ...(info.config as RunConfig), lr: 1e30, steps: 80, evalEvery: 3 };
  await saveCheckpoint(path, { ...rest, info: { ...info, config } });
  before = await loadCheckpoint(path);
  result = await resume();
});

test('it skips steps, says so, and stops with the place where the trouble begins', () => {
  expect(result.code).toBe(1);
  expect(result.err).toMatch(
    /^error: Trainer: the loss is finite\. got NaN at step 45, after 4 skipped in a row\. .* it begins here: \w+: its result is finite \(detectAnomaly\)\. got (NaN|-?Infinity) in shape .*\n$/,
  );
  expect(result.out).toContain('step 45 is skipped: its loss is NaN (4 in a row, 4 in all)');
  expect(result.out).toMatch(/^best: +validation loss .* after step 40, kept in .*best\.safetensors/m);
  for (const line of lines().slice(-2)) expect(line).toMatch(/^\{"step":\d+,"(loss|validationLoss)":"NaN",/);
});

test('the checkpoint is that of before the trouble, although some were due since', async () => {
  expect((await loadCheckpoint(path)).step).toBe(40);
  expect((await loadCheckpoint(path)).random).toEqual(before.random);
  expect((await loadCheckpoint(join(out, 'best.safetensors'))).step).toBe(40);
});

test.each([
  [['--from', 'best', '--width', '8'], 'only --steps, --keep, --early-stop, --lr, --schedule, --warmup, --weight-decay, --clip, --max-skipped may change. got width.'],
  [['--lr', '1'], 'only --steps, --keep, --early-stop may change. got lr. to leave the course of the run, add --from last, or --from best.'],
  [['--from', 'nowhere'], 'checkpoint nowhere: the file can be read. got ENOENT.'],
])('%j is refused', async (flags, message) => {
  const { code, err } = await resume(...flags);
  expect([code, err]).toEqual([1, expect.stringContaining(message)]);
}); // biome-ignore format: a table

test('--from best --lr goes on with that rate, and the metrics tell', async () => {
  const flags = ['--from', 'best', '--lr', '0.001', '--weight-decay', '0.5', '--clip', '0.9'];
  expect(await resume(...flags, '--steps', '60')).toMatchObject({ code: 0, err: '' });
  const told =
    '{"step":40,"resumed":{"from":"best.safetensors","lr":0.001,"weightDecay":0.5,"clip":0.9,"steps":60}}';
  expect(lines().filter((line) => line.includes('resumed')).map((line) => JSON.parse(line))).toEqual([JSON.parse(told)]); // biome-ignore format: one line
  expect(metricsText(out)).not.toContain('NaN');
  const { info, optimizer } = await loadCheckpoint(path);
  expect(info.config).toMatchObject({ lr: 0.001, weightDecay: 0.5, clip: 0.9, steps: 60 });
  const groups = optimizer.groups as { settings: { weightDecay: number } }[];
  expect(groups.map(({ settings }) => settings.weightDecay)).toEqual([0.5, 0]);
  const rates = lines().map((line) => JSON.parse(line) as { step: number; lr?: number });
  expect(rates.find(({ step, lr }) => step === 41 && lr !== undefined)!.lr).toBeLessThan(0.001);
});

test('killed at the start of the new course, it stays on it', async () => {
  const kept = readFileSync(path);
  const whole = metricsText(out);
  const { info, optimizer, ...rest } = before;
  const { config, track } = (await loadCheckpoint(path)).info;
  const { changed } = track as { changed: object };
  const groups = (optimizer.groups as { settings: { weightDecay: number } }[]).map((group) => ({
    ...group,
    settings: { ...group.settings, weightDecay: group.settings.weightDecay && 0.5 },
  }));
  const started = { ...info, config, track: { ...(info.track as object), changed } };
  await saveCheckpoint(path, { ...rest, optimizer: { ...optimizer, groups }, info: started });
  writeFileSync(join(out, 'metrics.jsonl'), whole.slice(0, whole.indexOf('{"step":40,"resumed"')));
  expect(await resume()).toMatchObject({ code: 0, err: '' });
  expect(metricsText(out)).toBe(whole);
  expect(readFileSync(path).equals(kept)).toBe(true);
});

test('on a course that begins before the best of the old one, that is moved aside', async () => {
  const other = join(out, '../other');
  const cli = (...args: string[]) => scratchformer(['train', '--out', other, ...args]);
  const size = ['--steps', '20', '--eval-every', '5', '--keep', '9', ...small];
  expect(await cli('--data', join(out, '../text.txt'), ...size)).toMatchObject({ code: 0, err: '' });
  const best = join(other, 'best.safetensors');
  expect((await loadCheckpoint(best)).step).toBe(20);
  const step = (number: number) => `step-0000${`${number}`.padStart(2, '0')}.safetensors`;
  const from = ['--resume', '--from', join(other, step(10)), '--lr', '1e-9', '--steps', '15'];
  const { code, out: told } = await cli(...from);
  expect([code, told]).toEqual([0, expect.stringContaining('what the run had kept of later steps is now in')]);
  expect(readdirSync(join(other, 'earlier-1')).sort()).toEqual(['best.safetensors', step(15), step(20)]);
  expect(readdirSync(other).filter((name) => name.startsWith('step'))).toEqual([step(5), step(10), step(15)]);
  const loaded = await loadRun(other);
  expect([loaded.step, loaded.info.track]).toEqual([10, expect.objectContaining({ changed: expect.objectContaining({ lr: 1e-9 }) })]);
}); // biome-ignore format: shorter
