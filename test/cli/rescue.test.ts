/** What is saved of a run that ends by an error. */
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Lock } from '../../src/cli/lock.ts';
import { LogFile } from '../../src/cli/logFile.ts';
import { Rescue } from '../../src/cli/running.ts';
import { Saver } from '../../src/cli/saver.ts';
import { manualSeed, randomState, randomStream } from '../../src/tensor/index.ts';
import { DivergedError, type StepEvent, Trainer } from '../../src/train/index.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { tinyBatch, tinyGpt } from '../support/tinyGpt.ts';

afterEach(() => vi.restoreAllMocks());

/** A run of 9 steps, of which the fifth fails in its batch or in a hook. */
function makeRun(failsIn: 'batch' | 'hook' | 'divergence', check = () => {}) {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  manualSeed(3);
  const model = tinyGpt();
  const folder = temporaryFolder();
  const states: string[] = [];
  const saved: [number, string][] = [];
  const fail = (): never => {
    throw new Error('no memory');
  };
  const saver = new Saver({
    interval: 100,
    startStep: 0,
    log: new LogFile(join(folder, 'metrics.jsonl'), fail),
    warn: fail,
    *filesOf(step) {
      saved.push([step, JSON.stringify(randomState())]);
      yield [join(folder, 'checkpoint'), new Uint8Array(9)];
    },
  });
  const rescue = new Rescue();
  let batches = 0;
  const trainer = new Trainer({
    model,
    optimizer: { lr: 1, step() {}, zeroGrad() {} },
    nextBatch() {
      randomStream('shuffle')();
      if (batches++ === 4 && failsIn === 'batch') fail();
      const [inputs, targets] = tinyBatch();
      return { inputs, targets };
    },
    steps: 9,
    hooks: [
      () => void states.push(JSON.stringify(randomState())),
      ({ step }: StepEvent) => void (step === 5 && failsIn !== 'batch' && fail()),
      saver.hook,
      rescue.hook,
    ],
  });
  const run = async () => {
    await expect(trainer.run()).rejects.toThrow('no memory');
    const error = failsIn === 'divergence' ? new DivergedError('NaN') : new Error('no memory');
    await rescue.save(error, trainer, saver, { check } as Lock);
    return { saved, states };
  };
  return { run };
}

test('a step that fails is forgotten, with the random numbers that it drew', async () => {
  const { saved, states } = await makeRun('batch').run();
  expect(saved).toEqual([[4, states[3]]]);
});

test('a step whose hook fails is saved', async () => {
  const { saved, states } = await makeRun('hook').run();
  expect(saved).toEqual([[5, states[4]]]);
});

test('nothing is saved of a run that diverged, or by one that lost its folder', async () => {
  expect((await makeRun('divergence').run()).saved).toEqual([]);
  const check = () => {
    throw new Error('taken');
  };
  expect((await makeRun('hook', check).run()).saved).toEqual([]);
});
