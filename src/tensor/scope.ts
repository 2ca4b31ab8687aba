import type { Storage } from './storage.ts';
import type { Tensor } from './tensor.ts';

/** The code that runs at this moment: the call of an op, its backward, or a `noGrad`. */
interface Scope {
  /** The op, for error messages and for what it makes. */
  readonly name: string;
  /**
   * The storages it allocated; its owner decides at the end which live on. null: each lives while it is held.
   */
  readonly owned: Storage[] | null;
  /** Copies of plain data in the memory that kernels work in, by the tensor that was copied. */
  readonly copies: Copies;
}

/** Copies of plain data in kernel memory, by the tensor that was copied; most calls of an op make none. */
export class Copies {
  readonly #before: Copies | null;
  #made: Map<Tensor, Tensor> | null = null;

  /** @param before copies that are at hand, too, but stay another's */
  constructor(before: Copies | null = null) {
    this.#before = before;
  }

  get(x: Tensor): Tensor | undefined {
    return this.#made?.get(x) ?? this.#before?.get(x);
  }

  set(x: Tensor, copy: Tensor): void {
    this.#made ??= new Map();
    this.#made.set(x, copy);
  }

  /** Forgets the copies of all other tensors, and returns those that are left. */
  keepOf(tensors: readonly Tensor[]): Tensor[] {
    if (this.#made === null) return [];
    for (const x of this.#made.keys()) if (!tensors.includes(x)) this.#made.delete(x);
    return [...this.#made.values()];
  }
}

let scope: Scope = { name: 'tensor', owned: null, copies: new Copies() };

/** The op that runs at this moment. */
export function here(): string {
  return scope.name;
}

/** The copies of plain data that the running op has at hand; see `floats` in the ops. */
export function copiesAtHand(): Copies {
  return scope.copies;
}

/**
 * Runs `body` under a name, with every allocation collected into `owned`; if it throws, they are abandoned.
 * `copies` are those at hand, and get those that `body` makes.
 */
export function collectInto<T>(
  owned: Storage[] | null,
  body: () => T,
  name = scope.name,
  copies = new Copies(),
): T {
  const outer = scope;
  scope = { name, owned, copies };
  try {
    return body();
  } catch (error) {
    for (const storage of owned ?? []) storage.abandon();
    throw error;
  } finally {
    scope = outer;
  }
}

/** Gives a new storage to the running scope; without one, it lives as long as something refers to it. */
export function own(storage: Storage): void {
  if (scope.owned) scope.owned.push(storage);
  else storage.keep();
}

/** Hands survivors of an inner scope to the enclosing one; without one they go to the heap. */
export function adoptIntoScope(storage: Storage): void {
  if (scope.owned) scope.owned.push(storage);
  else storage.toHeap();
}
