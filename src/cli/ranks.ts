import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  checkSame,
  DistributedTrainer,
  describeRank,
  init,
  type ReductionName,
  SharedError,
  together,
  type World,
} from '../distributed/index.ts';
import { backendInUse } from '../kernels/index.ts';
import { InvariantError } from '../tensor/index.ts';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  Trainer,
  type TrainerOptions,
} from '../train/index.ts';
import type { Run } from './build.ts';
import type { Corpus } from './corpus.ts';

/** Makes an action one of all ranks that `mpirun` has started: rank 0 speaks, and they share the cores. */
export function onRanks<Flags>(action: (flags: Flags) => Promise<void>) {
  return async (flags: Flags): Promise<void> => {
    const world = init();
    if (world.size === 1) return action(flags);
    process.env.SCRATCHFORMER_THREADS ||= `${threadsOfRank(world)}`;
    if (world.rank > 0) console.log = () => {};
    try {
      await action(flags);
    } catch (error) {
      if (!(error instanceof SharedError)) throw named(world, error);
      world.leave(); // all do
      if (world.rank === 0) throw error;
      process.exitCode = 1;
    }
  };
}

/** A share of the cores of this host; a launcher that binds ranks to cores has left them fewer already. */
function threadsOfRank(world: World): number {
  const ranks = world.gather(hostname()).filter((host) => host === hostname()).length;
  return Math.max(1, Math.min(availableParallelism(), Math.floor(cpus().length / ranks), 8));
}

/** The error of one rank says which. */
function named(world: World, error: unknown): unknown {
  if (error instanceof InvariantError) error.message = `${describeRank(world)}: ${error.message}`;
  else console.error(`${describeRank(world)} fails:`);
  return error;
}

/** The checkpoint, which rank 0 alone reads: it may be on a disk of its own. */
export async function sharedCheckpoint(world: World, path: string): Promise<Checkpoint> {
  const checkpoint = await together(world, () => (world.rank === 0 ? loadCheckpoint(path) : null));
  if (world.size === 1) return checkpoint!;
  const bytes = checkpoint ? encodeCheckpoint(checkpoint) : new Uint8Array(0);
  return decodeCheckpoint(world.broadcastBytes(bytes), `checkpoint ${path}`);
}

/** Refuses ranks that would not compute the same, and says who takes part. */
export function checkRanks(world: World, { config, model }: Run, corpus: Corpus): void {
  if (world.size === 1) return;
  const { name, why } = backendInUse();
  const kernels = why.split(';', 1)[0]!;
  const { model: ofModel, ...ofRun } = config;
  const settings = Object.entries({ ...ofRun, ...ofModel }).map(([key, value]) => [
    `${key} (a setting)`,
    `${value}`,
  ]);
  checkSame(world, {
    program: `Node ${process.version} on ${process.arch}, code ${hash(sources())}`,
    kernels: `${name} (${name === 'blas' ? kernels : kernels.replace(/, \d+ threads?/, '')})`,
    ...Object.fromEntries(settings),
    text: `${corpus.name}, ${hash([corpus.train, corpus.validation])}`,
    weights: hash(model.parameters().map(({ data }) => data)),
  });
  const places = world.gather(`${process.pid} on ${hostname()}`);
  console.log(`ranks: ${world.size} by ${world.communicator.library}, processes ${places.join(', ')}`);
}

/** A trainer: on all ranks together, or where one process has one batch in a step, the plain one. */
export function trainerOn(world: World, options: TrainerOptions, reduction?: ReductionName): Trainer {
  if (world.size === 1 && options.accumulate === 1) return new Trainer(options);
  return new DistributedTrainer(options, { world, ...(reduction && { reduction }) });
}

function hash(parts: Iterable<ArrayBufferView>): string {
  const sum = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of parts)
    sum.update(new Uint8Array(buffer, byteOffset, byteLength).slice()); // a copy: it may be shared memory
  return sum.digest('hex').slice(0, 12);
}

/** The files of this program. */
function sources(): Uint8Array[] {
  const folders = ['src', 'models', 'optimizers'].map((name) =>
    fileURLToPath(new URL(`../../${name}`, import.meta.url)),
  );
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|js|wasm)$/.test(entry.name))
      .map((entry) => `${entry.parentPath}/${entry.name}`)
      .sort()
      .map((path) => readFileSync(path)),
  );
}
