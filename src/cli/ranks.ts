import { availableParallelism, cpus, hostname } from 'node:os';
import {
  describeRank,
  init,
  reductionNames,
  ShardedOptimizer,
  SharedError,
  together,
  type World,
} from '../distributed/index.ts';
import { checkOneOf } from '../nn/checks.ts';
import { InvariantError } from '../tensor/index.ts';
import { type Checkpoint, DivergedError, decodeCheckpoint, encodeCheckpoint } from '../train/index.ts';
import { checkAlike, type Sharing } from './alike.ts';
import type { Begun } from './begin.ts';

/** Makes this process one of the ranks that `mpirun` has started, if it has: rank 0 speaks, all share the cores. */
export function joinRanks(): void {
  const world = init();
  if (world.size === 1) return;
  process.env.SCRATCHFORMER_THREADS ||= `${threadsOfRank(world)}`;
  if (world.rank > 0) console.log = () => {};
}

/** A share of the cores of this host; a launcher that binds ranks to cores has left them fewer already. */
function threadsOfRank(world: World): number {
  const ranks = world.gather(hostname()).filter((host) => host === hostname()).length;
  return Math.max(1, Math.min(availableParallelism(), Math.floor(cpus().length / ranks), 8));
}

/** Makes an action one of all ranks: what fails on all of them is told once, and what fails on one with its number. */
export function onRanks<Flags>(action: (flags: Flags) => Promise<void>) {
  return async (flags: Flags): Promise<void> => {
    const world = init();
    if (world.size === 1) return action(flags);
    try {
      await action(flags).catch((error) => shared(world, error));
      world.leave(); // at an exit code other than 0 before, the launcher would end the others
    } catch (error) {
      if (!(error instanceof SharedError)) throw named(world, error);
      world.leave(); // all do
      if (world.rank === 0) throw error;
      process.exitCode = 1;
    }
  };
}

/** The error of one rank stays its own; all ranks diverge together. */
async function shared(world: World, error: unknown): Promise<never> {
  if (!(error instanceof DivergedError)) throw error;
  return together(world, () => Promise.reject(error));
}

/** The error of one rank says which. */
function named(world: World, error: unknown): unknown {
  if (error instanceof InvariantError) error.message = `${describeRank(world)}: ${error.message}`;
  else console.error(`${describeRank(world)} fails:`);
  return error;
}

/** Begins a run on all ranks, or on none: each does it, and they must come to the same. */
export async function alike(begin: () => Promise<Begun>, sharing: Sharing): Promise<Begun> {
  const world = init();
  const begun = await together(world, () => {
    if (sharing.reduction) checkOneOf('train', '--reduction', sharing.reduction, reductionNames);
    return begin();
  });
  checkAlike(begun, sharing);
  if (world.size === 1 || !sharing.shardOptimizer) return begun;
  const optimizer = new ShardedOptimizer(begun.run.optimizer, world);
  return { ...begun, run: { ...begun.run, optimizer } };
}

/** The checkpoint that rank 0 has read, on every rank: it may be on a disk of its own. */
export function sharedCheckpoint(own: Checkpoint | null): Checkpoint {
  const world = init();
  if (world.size === 1) return own!;
  const bytes = world.broadcastBytes(own ? encodeCheckpoint(own) : new Uint8Array(0));
  return own ?? decodeCheckpoint(bytes, 'the checkpoint of rank 0');
}
