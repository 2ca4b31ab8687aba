/** What a run keeps of itself: the best and the newest checkpoints, when it ends early. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import seedrandom from 'seedrandom';
import { beforeAll, describe, expect, test } from 'vitest';
import { Track } from '../../src/cli/track.ts';
import { loadCheckpoint } from '../../src/train/index.ts';
import { metricsText, type Result, readMetrics, scratchformer, small } from '../support/cli.ts';
import { suiteFolder, temporaryFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const file = (name: string) => join(folder, name);
const bytes = (out: string, name = 'checkpoint.safetensors') => readFileSync(join(file(out), name));
const checkpoints = (out: string) => readdirSync(file(out)).filter((name) => name.endsWith('.safetensors'));

/** A run that soon knows its 270 letters by heart: the loss on the 30 others falls, then rises. */
const args = (out: string, ...more: string[]) => [
  'train', '--data', file('noise.txt'), '--out', file(out), ...small, '--lr', '0.02', '--eval-every', '20', '--steps', '400', ...more,
]; // biome-ignore format: a command line
const averages = ['--ema', '0.9', '--dropout', '0.1', '--keep', '2'];

async function train(...given: Parameters<typeof args>): Promise<Result> {
  const result = await scratchformer(args(...given));
  expect(result.err).toBe('');
  expect(result.code).toBe(0);
  return result;
}

/** Runs until `text` is printed, and presses Ctrl-C. */
function interrupted(command: string[], text: string): Promise<Result> {
  let [out, pressed] = ['', false];
  return scratchformer(command, {
    whileRunning: (child) =>
      child.stdout!.on('data', (data) => {
        out += data;
        if (!pressed && out.includes(text)) pressed = child.kill('SIGINT');
      }),
  });
}

const evaluations = (out: string) =>
  readMetrics(file(out)).flatMap(({ step, validationLoss: loss }) =>
    loss === undefined ? [] : [{ step, loss }],
  );
const bestOf = (out: string) => evaluations(out).reduce((best, one) => (one.loss < best.loss ? one : best));

beforeAll(async () => {
  const random = seedrandom('noise');
  const letter = () => 'abcdefgh'[Math.floor(8 * random())]!;
  writeFileSync(file('noise.txt'), Array.from({ length: 300 }, letter).join(''));
  await train('whole');
  await train('early', '--early-stop', '3', ...averages);
});

describe('the best checkpoint', () => {
  test('is that of the lowest validation loss, while the last one is worse', async () => {
    const best = bestOf('whole');
    const last = evaluations('whole').at(-1)!;
    expect(last.step).toBe(400);
    expect(last.loss).toBeGreaterThan(best.loss + 0.2);
    expect((await loadCheckpoint(join(file('whole'), 'best.safetensors'))).step).toBe(best.step);
    expect((await loadCheckpoint(join(file('whole'), 'checkpoint.safetensors'))).step).toBe(400);
    expect(checkpoints('whole')).toEqual(['best.safetensors', 'checkpoint.safetensors']);
  });

  test('is what sample and eval take, unless they are told --last, or a file', async () => {
    const loss = async (...more: string[]) =>
      Number(/loss (\S+)/.exec((await scratchformer(['eval', '--checkpoint', ...more])).out)![1]);
    const best = bestOf('whole').loss;
    const last = evaluations('whole').at(-1)!.loss;
    expect(await loss(file('whole'))).toBeCloseTo(best, 3);
    expect(await loss(file('whole'), '--last')).toBeCloseTo(last, 3);
    expect(await loss(join(file('whole'), 'checkpoint.safetensors'))).toBeCloseTo(last, 3);
    const { out } = await scratchformer(['info', '--checkpoint', file('whole')]);
    expect(out).toContain('step 400 of 400');
    expect(out).toContain(
      `best:       validation loss ${best.toFixed(4)} after step ${bestOf('whole').step}, kept`,
    );
  });

  test('--keep last keeps no other', async () => {
    await train('last', '--keep', 'last', '--steps', '40');
    expect(checkpoints('last')).toEqual(['checkpoint.safetensors']);
  });
});

describe('--early-stop', () => {
  test('ends after so many evaluations without a better loss, with the best averages', async () => {
    const best = bestOf('early');
    const all = evaluations('early');
    expect(all.at(-1)!.step).toBe(best.step + 3 * 20);
    expect(best.loss).not.toBe(bestOf('whole').loss); // that of the averages
    const { out } = await scratchformer(['eval', '--checkpoint', file('early')]);
    expect(out).toContain(`loss ${best.loss.toFixed(4)} nats`);
    expect(readMetrics(file('early')).at(-1)).toMatchObject({
      step: all.at(-1)!.step,
      finalValidationLoss: best.loss,
    });
    const kept = [all.at(-2)!, all.at(-1)!].map(
      ({ step }) => `step-${`${step}`.padStart(6, '0')}.safetensors`,
    );
    expect(checkpoints('early')).toEqual(['best.safetensors', 'checkpoint.safetensors', ...kept]);
    expect(bytes('early', kept[1]).equals(bytes('early'))).toBe(true);
  });

  test('the last checkpoint has averages, too, and uses them', async () => {
    const { out } = await scratchformer(['eval', '--checkpoint', file('early'), '--last']);
    expect(out).toContain(`loss ${evaluations('early').at(-1)!.loss.toFixed(4)} nats`);
  });

  test('interrupted and resumed, the run ends at the same step, with the same bytes', async () => {
    const { out } = await interrupted(args('broken', '--early-stop', '3', ...averages), 'step 13/');
    expect(out).toContain('stopped after step');
    const resume = ['train', '--out', file('broken'), '--resume'];
    let end = await interrupted(resume, `step ${bestOf('early').step + 20}: validation`);
    if (end.out.includes('stopped after step')) end = await scratchformer(resume); // the press was in time
    expect(end.err).toBe('');
    expect(end.out).toContain('stopped early, after step');
    expect(metricsText(file('broken'))).toBe(metricsText(file('early')));
    expect(checkpoints('broken')).toEqual(checkpoints('early'));
    for (const name of checkpoints('early'))
      expect(bytes('broken', name).equals(bytes('early', name))).toBe(true);
  });

  test('a run that has ended so goes on only with more patience', async () => {
    const refused = await scratchformer(['train', '--out', file('broken'), '--resume', '--steps', '500']);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(
      /^error: .* got none in 3\. give a larger --early-stop, or 0, to train on\.\n$/,
    );
    const steps = evaluations('broken').at(-1)!.step + 20;
    const more = ['--early-stop', '0', '--keep', 'best', '--steps', `${steps}`];
    expect(await scratchformer(['train', '--out', file('broken'), '--resume', ...more])).toMatchObject({ code: 0, err: '' }); // biome-ignore format: one line
    expect(evaluations('broken').at(-1)!.step).toBe(steps);
  });
});

test('a new run sets aside all that an earlier one kept', async () => {
  const out = temporaryFolder();
  const [names, own] = [
    ['best.safetensors', 'config.json', 'step-000020.safetensors'],
    'step-by-step.safetensors',
  ];
  for (const name of [...names, own]) writeFileSync(join(out, name), 'earlier');
  const command = args('unused', '--steps', '1').with(4, out);
  expect((await scratchformer(command)).out).toContain('held an earlier run');
  expect(readdirSync(join(out, 'earlier-1')).sort()).toEqual(names);
  expect(existsSync(join(out, own))).toBe(true);
});

test('a loss that is not a number is never the best, and counts as worse', () => {
  const track = new Track();
  track.evaluated(1, Number.NaN);
  expect(track.state).toMatchObject({ best: null, worse: 1 });
  track.evaluated(2, 3);
  track.evaluated(3, 3);
  expect(track.state).toMatchObject({ best: { step: 2, loss: 3 }, worse: 1 });
  expect([track.isOver(0), track.isOver(1), track.isOver(2)]).toEqual([false, true, false]);
});
