/**
 * What the tests run on ranks: trains models in several ways, each with a stop in between, and goes on from its
 * checkpoint. Prints a line of JSON: what is to be the same on any number of ranks.
 */
import { createHash } from 'node:crypto';
import { BERT } from '../../models/bert.ts';
import { GPT } from '../../models/gpt.ts';
import { AdamW, type Combinable, combine, decayGroups, Lion, Muon, splitMatrices } from '../../optimizers/index.ts'; // biome-ignore format: one line reads better
import { randomBatch } from '../../src/data/index.ts';
import { DistributedTrainer, init, type ReductionName, ShardedOptimizer } from '../../src/distributed/index.ts'; // biome-ignore format: one line reads better
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
import './together.ts';

const [STEPS, STOP, BATCHES] = [5, 2, 4];
const world = init();
const text = Int32Array.from({ length: 500 }, (_, i) => (i * i + (i >> 3)) % 9);

/** How a model is trained. */
interface Case {
  readonly name: keyof typeof models;
  readonly backend: 'js' | 'wasm';
  readonly optimizer: keyof typeof optimizers;
  readonly dropout: number;
  readonly reduction: ReductionName;
  /** The batch whose loss is infinite, counted through the run; −1 for none. */
  readonly spoilt: number;
  /** Whether the optimizer is sharded, where ranks share. */
  readonly sharded: boolean;
}

const usual: Case = { name: 'gpt', backend: 'wasm', optimizer: 'adamW', dropout: 0, reduction: 'inOrder', spoilt: -1, sharded: false }; // biome-ignore format: a table
const cases: Readonly<Record<string, Case>> = {
  'gpt on js': { ...usual, backend: 'js' },
  'bert on js': { ...usual, name: 'bert', backend: 'js' },
  'gpt on wasm': usual,
  'bert on wasm': { ...usual, name: 'bert' },
  'gpt, dropout': { ...usual, dropout: 0.2 },
  'gpt, spoilt': { ...usual, spoilt: 5 },
  'gpt, any order': { ...usual, reduction: 'anyOrder' },
  'gpt, sharded': { ...usual, sharded: true },
  'bert, sharded': { ...usual, name: 'bert', sharded: true },
  'gpt, sharded Lion': { ...usual, optimizer: 'lion', sharded: true },
  'gpt, sharded Muon and AdamW': { ...usual, optimizer: 'muon', sharded: true },
};

/** Words are masked in some places, and in every other batch none is: then the head has no gradient. */
let drawn = 0;
function bertBatch() {
  const { inputs, targets } = randomBatch(text, { batchSize: 2, context: 8 });
  const isNext = tensor([0, 1], { dtype: 'int32' });
  const masked = randomStream('mask').int32() % 2 === 0 ? [0, 3, 5] : [1];
  for (let i = 0; i < targets.size; i++) if (!masked.includes(i % 8)) targets.data[i] = -100;
  return {
    inputs: { tokens: inputs },
    targets: drawn % 2 === 0 ? { tokens: targets, isNext } : { isNext },
  };
}

const sizes = { vocabSize: 9, context: 8, layers: 1, heads: 2, width: 12 };
const models = {
  gpt: (dropout: number) => ({
    model: new GPT({ ...sizes, dropout }),
    nextBatch: () => randomBatch(text, { batchSize: 3, context: 8 }),
  }),
  bert: (dropout: number) => ({ model: new BERT({ ...sizes, hidden: 24, dropout }), nextBatch: bertBatch }),
};

const optimizers = {
  adamW: (model: Trainable) => new AdamW(decayGroups(model, { weightDecay: 0.1 }), { lr: 1e-2 }),
  lion: (model: Trainable) => new Lion(decayGroups(model, { weightDecay: 0.1 }), { lr: 1e-3 }),
  muon(model: Trainable) {
    const { matrices, rest } = splitMatrices(model);
    return combine(new Muon(matrices.parameters(), { lr: 1e-2 }), new AdamW(rest.parameters(), { lr: 1e-3 }));
  },
};

/** One part of a run, from a checkpoint or from the start: its events, and rank 0's checkpoint. */
async function part(how: Case, isShared: boolean, from: Uint8Array | null, stopAt: number, events: object[]) {
  manualSeed(5);
  const { model, nextBatch } = models[how.name](how.dropout) as {
    model: Trainable;
    nextBatch: () => object;
  };
  const inner: Combinable = optimizers[how.optimizer](model);
  const optimizer = isShared && how.sharded ? new ShardedOptimizer(inner, world) : inner;
  const saved = from && decodeCheckpoint(from);
  if (saved) {
    model.loadStateDict(saved.model);
    optimizer.loadStateDict(saved.optimizer);
    restoreRandomState(saved.random);
  }
  const hook: NonNullable<TrainerOptions['hooks']>[number] = ({ step, loss, gradientNorm, units, skipped }) =>
    void events.push({ step, loss, gradientNorm, units, skipped });
  const loss = ({ inputs, targets, factor }: { inputs: never; targets: never; factor: number }) =>
    mul(model.loss(inputs, targets), factor);
  const spoilable = () => ({ ...nextBatch(), factor: drawn++ === how.spoilt ? Number.POSITIVE_INFINITY : 1 });
  const options = { model, optimizer, loss, nextBatch: spoilable, maxSkipped: 1, steps: stopAt, accumulate: BATCHES, clip: 0.05, hooks: [hook], startStep: saved?.step ?? 0 } as unknown as TrainerOptions; // biome-ignore format: one line reads better
  const trainer = isShared
    ? new DistributedTrainer(options, { world, reduction: how.reduction })
    : new Trainer(options);
  await trainer.run();
  const state = { model: model.stateDict(), optimizer: { ...optimizer.stateDict() }, random: randomState() };
  return { weights: hash(model.parameters().map(({ data }) => data)), checkpoint: world.broadcastBytes(encodeCheckpoint({ step: stopAt, ...state, info: {} })) }; // biome-ignore format: one line reads better
}

function hash(parts: readonly ArrayBufferView[]): string {
  const sum = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of parts)
    sum.update(new Uint8Array(buffer, byteOffset, byteLength));
  return sum.digest('hex');
}

/** All cases, by a trainer that shares its work or by a plain one. */
async function results(isShared: boolean): Promise<Record<string, object>> {
  const all: Record<string, object> = {};
  for (const [name, how] of Object.entries(cases)) {
    useBackend(how.backend);
    const events: object[] = [];
    drawn = 0;
    const between = await part(how, isShared, null, STOP, events);
    const end = await part(how, isShared, between.checkpoint, STEPS, events);
    all[name] = { events, between: hash([between.checkpoint]), end: hash([end.checkpoint]), weights: end.weights }; // biome-ignore format: one line reads better
  }
  return all;
}

const isAlone = world.communicator.library === 'no library';
const printed = { ...(isAlone && { plain: await results(false) }), shared: await results(true) };
const everywhere = new Set(world.gather(JSON.stringify(printed)));
if (everywhere.size > 1) throw new Error(`ranks differ: ${[...everywhere].join('\n')}`);
const { library } = world.communicator;
if (world.rank === 0) console.log(JSON.stringify({ library, ranks: world.size, ...printed }));
