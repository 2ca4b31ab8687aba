/** A run on a GPU that ends goes on from its checkpoint: to the same bits, on the processor, on a new device. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { GPT } from '../../../models/gpt.ts';
import { AdamW, combine, EMA, Muon, splitMatrices } from '../../../optimizers/index.ts';
import { randomBatch } from '../../../src/data/index.ts';
import { type BackendName, useBackend } from '../../../src/kernels/index.ts';
import { Device } from '../../../src/kernels/webgpu/device.ts';
import { findDawn, type Native } from '../../../src/kernels/webgpu/find.ts';
import { currentDevice } from '../../../src/kernels/webgpu/numbers.ts';
import { manualSeed, randomState, restoreRandomState } from '../../../src/tensor/index.ts';
import { DivergedError, decodeCheckpoint, encodeCheckpoint, Trainer } from '../../../src/train/index.ts';
import { lackOfAdapter } from '../../support/adapter.ts';

const tokens = Int32Array.from({ length: 3000 }, (_, i) => (i * i) % 13);
const nextBatch = () => randomBatch(tokens, { batchSize: 4, context: 8 });
const [SAVED, STEPS] = [2, 5];

/** A GPT as LLaMA's, with Muon and averages, that trains up to a step; from a checkpoint if there is one. */
function makeRun(backend: BackendName, steps: number, from?: Uint8Array) {
  useBackend(backend, { threads: 1 });
  manualSeed(1);
  const options = { norm: 'rmsNorm', positions: 'rotary', activation: 'swiglu', qkNorm: true } as const;
  const sizes = { vocabSize: 13, context: 8, layers: 2, heads: 4, keyValueHeads: 2, width: 16 };
  const model = new GPT({ ...sizes, ...options, dropout: 0.1 });
  const { matrices, rest } = splitMatrices(model);
  const optimizer = combine(new Muon(matrices.parameters(), { lr: 0.01 }), new AdamW(rest.parameters()));
  const ema = new EMA(model.parameters(), { decay: 0.9 });
  const saved = from && decodeCheckpoint(from);
  if (saved) {
    model.loadStateDict(saved.model);
    optimizer.loadStateDict(saved.optimizer);
    ema.loadStateDict(saved.ema!);
    restoreRandomState(saved.random);
  }
  const losses: number[] = [];
  const trainer = new Trainer({
    model,
    optimizer,
    steps,
    startStep: saved?.step ?? 0,
    nextBatch,
    hooks: [() => ema.update(), ({ loss }) => void losses.push(loss)],
  });
  const save = () => {
    const [states, averages] = [{ ...optimizer.stateDict() }, ema.stateDict()];
    const rest = { step: steps, ema: averages, random: randomState(), info: {} };
    return encodeCheckpoint({ model: model.stateDict(), optimizer: states, ...rest });
  };
  return { model, losses, train: () => trainer.run(), save };
}

/** The losses and the checkpoint of a whole run. */
async function trained(backend: BackendName, steps: number, from?: Uint8Array) {
  const { losses, train, save } = makeRun(backend, steps, from);
  await train();
  return { losses, checkpoint: save() };
}

/** Destroys the device at this dispatch, counted from now. */
function loseDeviceAt(moment: number): void {
  const destroy = (findDawn() as Native).library.func('void wgpuDeviceDestroy(void *)');
  const { run } = Device.prototype;
  let count = 0;
  vi.spyOn(Device.prototype, 'run').mockImplementation(function (this: Device, ...args) {
    if (++count === moment) destroy(currentDevice().opened.device);
    run.apply(this, args);
  });
}

describe.skipIf(lackOfAdapter !== null)('on a GPU', () => {
  let whole: Awaited<ReturnType<typeof trained>>;
  let saved: Uint8Array;
  let dispatches = 0;

  beforeAll(async () => {
    whole = await trained('webgpu', STEPS);
    saved = (await trained('webgpu', SAVED)).checkpoint;
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(() => {
    useBackend('js');
  });

  test('a fresh model goes on to the bits of a run that never stopped', async () => {
    const { losses, train, save } = makeRun('webgpu', STEPS, saved);
    const run = vi.spyOn(Device.prototype, 'run');
    await train();
    dispatches = run.mock.calls.length;
    expect(losses).toEqual(whole.losses.slice(SAVED));
    expect(Buffer.compare(save(), whole.checkpoint)).toBe(0);
  });

  test('a device that is lost at any moment is an error, and a new one goes on to the same bits', async () => {
    for (let trial = 0; trial < 3; trial++) {
      const { model, train, save } = makeRun('webgpu', STEPS, saved);
      const moment = 1 + Math.floor(Math.random() * dispatches);
      loseDeviceAt(moment);
      const error = await train()
        .then(save)
        .catch((thrown: unknown) => thrown);
      vi.restoreAllMocks();
      expect(`${error}`.slice(0, 300), `at dispatch ${moment}`).toMatch(
        /webgpu: the device is there\. got one that is lost \(.+\)\. go on from the last checkpoint/,
      );
      expect(error).not.toBeInstanceOf(DivergedError);
      const { inputs, targets } = nextBatch();
      const uses: (() => unknown)[] = [() => model.loss(inputs, targets).item()];
      if (moment > dispatches / (STEPS - SAVED)) uses.push(save); // until the first update, the host has all
      for (const use of uses)
        expect(use, `after dispatch ${moment}`).toThrow('the device is there. got one that is lost');
    }
    expect(await trained('webgpu', STEPS, saved)).toEqual({ ...whole, losses: whole.losses.slice(SAVED) });
  });

  test('the processor goes on to nearly the same losses', async () => {
    const { losses } = await trained('js', STEPS, saved);
    for (const [i, loss] of losses.entries())
      expect(Math.abs(loss - whole.losses[SAVED + i]!)).toBeLessThan(1e-3);
  });
});
