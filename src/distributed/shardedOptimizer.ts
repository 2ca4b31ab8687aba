import type { Parameter } from '../nn/index.ts';
import { check, display, type Tensor, zeros } from '../tensor/index.ts';
import { ownersOf } from './layout.ts';
import { type AnyState, type Slot, slotsOf } from './slots.ts';
import type { World } from './world.ts';

/** The part of an optimizer that sharding needs: those here have it, and combinations of them. */
export interface Shardable {
  lr: number;
  readonly steps: number;
  readonly groups: readonly { readonly name: string; readonly params: readonly Parameter[] }[];
  step(): void;
  zeroGrad(): void;
  stateDict(): AnyState;
  loadStateDict(state: AnyState): void;
}

/**
 * An optimizer of which each rank does its share: it updates some of the parameters, whole ones, and alone keeps
 * their state. Then all ranks get the new weights. Every number is what the optimizer by itself would compute.
 *
 *     const optimizer = new ShardedOptimizer(new AdamW(decayGroups(model, { weightDecay: 0.1 })), world);
 *     new DistributedTrainer({ model, optimizer, nextBatch, steps: 1000 }, { world });
 *
 * Any optimizer can be shared out whose update of a parameter needs nothing of the others. Of P ranks each keeps
 * 1/P of the state, or somewhat more, as large parameters allow.
 *
 * Errors: the optimizer does not keep its state parameter by parameter.
 *
 * Rajbhandari et al., "ZeRO: Memory Optimizations Toward Training Trillion Parameter Models", stage 1,
 * arXiv:1910.02054
 */
export class ShardedOptimizer implements Shardable {
  readonly #optimizer: Shardable;
  readonly #world: World;
  readonly #parameters: readonly Parameter[];
  /** The rank of each parameter. */
  readonly #owners: readonly number[];

  constructor(optimizer: Shardable, world: World) {
    checkShardable(optimizer);
    this.#optimizer = optimizer;
    this.#world = world;
    this.#parameters = parametersOf(optimizer);
    const sizes = this.#parameters.map(({ size }) => size);
    this.#owners = ownersOf(sizes, world.size);
    if (world.size > 1) this.loadStateDict(optimizer.stateDict()); // and so forgets what is not its own
  }

  get lr(): number {
    return this.#optimizer.lr;
  }

  set lr(lr: number) {
    this.#optimizer.lr = lr;
  }

  get steps(): number {
    return this.#optimizer.steps;
  }

  get groups(): Shardable['groups'] {
    return this.#optimizer.groups;
  }

  /** Updates every parameter that has a gradient, each on its rank, and gives the new values to all. */
  step(): void {
    const gradients = this.#parameters.map(({ grad }) => grad);
    for (const [i, parameter] of this.#parameters.entries()) if (!this.#isOwn(i)) parameter.grad = null;
    try {
      this.#optimizer.step();
    } finally {
      for (const [i, parameter] of this.#parameters.entries()) parameter.grad = gradients[i]!;
    }
    for (const [i, parameter] of this.#parameters.entries())
      if (parameter.grad !== null) this.#world.broadcast([parameter], this.#owners[i]!);
  }

  zeroGrad(): void {
    this.#optimizer.zeroGrad();
  }

  /**
   * The state: on rank 0 all of it, the same as without sharding, on the others their share. Every rank calls
   * it, at the same time.
   */
  stateDict(): AnyState {
    const own = this.#optimizer.stateDict();
    if (this.#world.size === 1) return own;
    const { communicator, rank } = this.#world;
    const slots = slotsOf(own);
    const updates = new Int32Array(slots.length);
    const ofOwn = slots.map(({ updates, at }) => updates[at]!);
    communicator.sum(updates, Int32Array.from(ofOwn)); // those of others are 0
    const tensors = this.#gather(own.tensors, slots);
    if (rank > 0) return own;
    for (const [i, slot] of slots.entries()) slot.updates[slot.at] = updates[i]!;
    return { ...own, tensors };
  }

  /** Keeps its share of a whole state, which every rank has. */
  loadStateDict(state: AnyState): void {
    const { tensors, ...plain } = state;
    const kept = structuredClone(plain);
    const others = slotsOf(kept).filter((_, i) => !this.#isOwn(i));
    for (const { updates, at } of others) updates[at] = 0;
    const isOwn = (name: string) => !others.some(({ key }) => name.startsWith(key));
    const own = new Map([...(tensors ?? [])].filter(([name]) => isOwn(name)));
    this.#optimizer.loadStateDict({ ...kept, tensors: own });
  }

  #isOwn(parameter: number): boolean {
    return this.#owners[parameter] === this.#world.rank;
  }

  /** The tensors of all ranks on rank 0, parameter by parameter. */
  #gather(own: AnyState['tensors'], slots: readonly Slot[]): Map<string, Tensor> {
    const described = [...own].map(([name, { shape, dtype }]) => ({ name, shape, dtype }));
    const texts = this.#world.gather(JSON.stringify(described));
    const ofRanks = texts.map((text): typeof described => JSON.parse(text));
    const all = new Map<string, Tensor>();
    for (const [i, { key }] of slots.entries()) {
      const owner = this.#owners[i]!;
      for (const { name, shape, dtype } of ofRanks[owner]!) {
        if (!name.startsWith(key)) continue;
        const tensor = own.get(name) ?? zeros(shape, { dtype });
        if (owner > 0) this.#world.broadcast([tensor], owner);
        if (this.#world.rank === 0) all.set(name, tensor);
      }
    }
    return all;
  }
}

const parametersOf = ({ groups }: Shardable) => groups.flatMap(({ params }) => params);

function checkShardable(optimizer: Shardable): void {
  const methods = ['step', 'zeroGrad', 'stateDict', 'loadStateDict'] as const;
  const isComplete =
    Array.isArray(optimizer?.groups) && methods.every((name) => typeof optimizer[name] === 'function');
  check(
    isComplete && slotsOf(optimizer.stateDict()).length === parametersOf(optimizer).length,
    'ShardedOptimizer',
    'the optimizer keeps its state parameter by parameter, as AdamW, Lion and Muon do',
    () => display(optimizer),
    () => 'train without sharding',
  );
}
