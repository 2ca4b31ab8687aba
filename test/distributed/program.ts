/**
 * What the tests run on ranks: trains a GPT and a BERT on each backend, stops in between, and goes on from its
 * checkpoint. Prints a line of JSON: what is to be the same on any number of ranks.
 */
import { createHash } from 'node:crypto';
import { BERT } from '../../models/bert.ts';
import { GPT } from '../../models/gpt.ts';
import { AdamW, decayGroups } from '../../optimizers/index.ts';
import { randomBatch } from '../../src/data/index.ts';
import { DistributedTrainer, init, type ReductionName } from '../../src/distributed/index.ts';
import { useBackend } from '../../src/kernels/index.ts';
import { mul } from '../../src/ops/index.ts';
import { manualSeed, randomState, randomStream, restoreRandomState, tensor } from '../../src/tensor/index.ts';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  type Trainable,
  Trainer,
  type TrainerOptions,
} from '../../src/train/index.ts';

const [kind = 'shared', dropout = '0', reduction = 'inOrder', spoilt = '-1'] = process.argv.slice(2);
const [STEPS, STOP, BATCHES] = [5, 2, 4];
const world = init();
const text = Int32Array.from({ length: 500 }, (_, i) => (i * i + (i >> 3)) % 9);
const sizes = { vocabSize: 9, context: 8, layers: 1, heads: 2, width: 12, dropout: Number(dropout) };

/** Batches drawn of a run: the loss of the one that is spoilt is infinite. */
let all = 0;
const spoilable = (nextBatch: () => object) => () => ({
  ...nextBatch(),
  factor: all++ === Number(spoilt) ? Number.POSITIVE_INFINITY : 1,
});

/** Words are masked in some places, and in every other batch none is: then the head has no gradient. */
let drawn = 0;
function bertBatch() {
  const { inputs, targets } = randomBatch(text, { batchSize: 2, context: 8 });
  const isNext = tensor([0, 1], { dtype: 'int32' });
  const masked = randomStream('mask').int32() % 2 === 0 ? [0, 3, 5] : [1];
  for (let i = 0; i < targets.size; i++) if (!masked.includes(i % 8)) targets.data[i] = -100;
  return {
    inputs: { tokens: inputs },
    targets: drawn++ % 2 === 0 ? { tokens: targets, isNext } : { isNext },
  };
}

const models = {
  gpt: () => ({ model: new GPT(sizes), nextBatch: () => randomBatch(text, { batchSize: 3, context: 8 }) }),
  bert: () => ({ model: new BERT({ ...sizes, hidden: 24 }), nextBatch: bertBatch }),
};

/** One part of a run, from a checkpoint or from the start: its events, and a checkpoint. */
async function part(name: keyof typeof models, from: Uint8Array | null, stopAt: number, events: unknown[]) {
  manualSeed(5);
  const { model, nextBatch } = models[name]() as { model: Trainable; nextBatch: () => object };
  const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.1 }), { lr: 1e-2 });
  const saved = from && decodeCheckpoint(from);
  if (saved) {
    model.loadStateDict(saved.model);
    optimizer.loadStateDict(saved.optimizer as never);
    restoreRandomState(saved.random);
  }
  const hook: NonNullable<TrainerOptions['hooks']>[number] = ({ step, loss, gradientNorm, units, skipped }) =>
    void events.push({ step, loss, gradientNorm, units, skipped });
  const loss = ({ inputs, targets, factor }: { inputs: never; targets: never; factor: number }) =>
    mul(model.loss(inputs, targets), factor);
  const options = { model, optimizer, loss, nextBatch: spoilable(nextBatch), maxSkipped: 1, steps: stopAt, accumulate: BATCHES, clip: 0.05, hooks: [hook], startStep: saved?.step ?? 0 } as unknown as TrainerOptions; // biome-ignore format: one line reads better
  const trainer =
    kind === 'plain'
      ? new Trainer(options)
      : new DistributedTrainer(options, { world, reduction: reduction as ReductionName });
  await trainer.run();
  const state = { model: model.stateDict(), optimizer: { ...optimizer.stateDict() }, random: randomState() };
  return encodeCheckpoint({ step: stopAt, ...state, info: {} });
}

const results: Record<string, unknown> = {};
for (const backend of ['js', 'wasm'] as const) {
  useBackend(backend);
  for (const name of Object.keys(models) as (keyof typeof models)[]) {
    const events: unknown[] = [];
    [drawn, all] = [0, 0];
    const between = world.broadcastBytes(await part(name, null, STOP, events));
    const end = decodeCheckpoint(await part(name, between, STEPS, events));
    const sum = createHash('sha256');
    for (const { data } of [...end.model.values(), ...end.optimizer.tensors.values()])
      sum.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    results[`${name} on ${backend}`] = { events, weights: sum.digest('hex') };
  }
}
const everywhere = new Set(world.gather(JSON.stringify(results)));
if (everywhere.size > 1) throw new Error(`ranks differ: ${[...everywhere].join('\n')}`);
if (world.rank === 0)
  console.log(JSON.stringify({ library: world.communicator.library, ranks: world.size, results }));
