import { kernels } from '../kernels/index.ts';
import { empty, type Storage, type Tensor } from '../tensor/index.ts';
import { Copies, collectInto } from '../tensor/scope.ts';
import type { Node } from './graph.ts';
import { withoutRecording } from './mode.ts';

/**
 * The ledger of memory of one backward: who holds which block, and when it goes back to the pool.
 *
 * Two kinds of blocks are kept apart.
 * - Gradients. Each one on its way to a tensor holds its block, and gradients may share a block: `add` hands one dy to
 *   both of its inputs, and a transpose hands on a view. A block that this pass allocated goes back when its last holder
 *   lets go. While there is one holder only, it may be written to, and a leaf may take it over instead of copying.
 * - Results of the forward pass. Each goes back after the last node that made or saved it, unless a gradient holds it.
 */
export class GradientMemory {
  /** The number of gradients that hold a block. */
  readonly #holders = new Map<Storage, number>();
  /** Blocks that this pass allocated and still has to hand back. */
  readonly #ours = new Set<Storage>();
  /** The number of nodes that still need a block of the forward pass; null when the graph is kept. */
  readonly #uses: Map<Storage, number> | null;
  readonly #root: Storage;

  constructor(root: Tensor, order: readonly Node[], retainGraph: boolean) {
    this.#root = root.storage;
    const uses = new Map<Storage, number>();
    this.#uses = retainGraph ? null : uses;
    if (!retainGraph)
      for (const node of order)
        forEachBlock(node, (storage) => uses.set(storage, (uses.get(storage) ?? 0) + 1));
  }

  /**
   * Runs the backward of a node, with the copies of plain data that it kept. The gradients it gives hold
   * their blocks; whatever else it allocated goes back.
   */
  gradientsFrom(node: Node, body: () => (Tensor | null)[]): (Tensor | null)[] {
    const allocated: Storage[] = [];
    const gradients = withoutRecording(allocated, body, node.name, new Copies(node.copies));
    for (const storage of allocated) this.#ours.add(storage);
    for (const gradient of gradients) if (gradient) this.hold(gradient);
    for (const storage of allocated) if (!this.#holders.has(storage)) this.#free(storage);
    return gradients;
  }

  hold({ storage }: Tensor): void {
    this.#holders.set(storage, (this.#holders.get(storage) ?? 0) + 1);
  }

  letGo({ storage }: Tensor): void {
    const left = this.#holders.get(storage)! - 1;
    if (left > 0) this.#holders.set(storage, left);
    else {
      this.#holders.delete(storage);
      this.#free(storage);
    }
  }

  /**
   * total + gradient, in the block of the total if nothing else uses it. The result holds; the gradient lets
   * go.
   */
  sum(total: Tensor, gradient: Tensor): Tensor {
    let result = total;
    if (this.#mayWrite(total)) {
      kernels.addTo(total.memoryView, gradient.memoryView);
    } else {
      const allocated: Storage[] = [];
      result = collectInto(allocated, () => empty(total.shape, total.dtype, 'gradient'));
      for (const storage of allocated) this.#ours.add(storage);
      this.hold(result);
      kernels.binary('add', result.memoryView, total.memoryView, gradient.memoryView);
      this.letGo(total);
    }
    this.letGo(gradient);
    return result;
  }

  /**
   * The gradient as one that lives as long as its leaf: itself, if nothing else uses its block, or else a
   * copy.
   */
  surrender(gradient: Tensor): Tensor {
    if (!this.#mayWrite(gradient)) {
      const copy = lasting(gradient);
      this.letGo(gradient);
      return copy;
    }
    this.#ours.delete(gradient.storage);
    this.#holders.delete(gradient.storage);
    gradient.storage.keep();
    return gradient;
  }

  /** Results that no node needs any more go back. */
  finish(node: Node): void {
    const uses = this.#uses;
    if (uses === null) return;
    forEachBlock(node, (storage) => {
      const left = uses.get(storage)! - 1;
      uses.set(storage, left);
      if (left === 0 && storage !== this.#root && !this.#holders.has(storage)) node.graph.root.free(storage);
    });
  }

  /** Hands back what still waits when an op has failed. */
  end(): void {
    for (const storage of this.#ours) storage.release();
  }

  /** Tells whether this pass allocated the whole block and one gradient alone holds it. */
  #mayWrite({ storage, size, isContiguous }: Tensor): boolean {
    const isWhole = isContiguous && storage.length === size;
    return isWhole && this.#ours.has(storage) && this.#holders.get(storage) === 1;
  }

  #free(storage: Storage): void {
    if (this.#ours.delete(storage)) storage.release();
  }
}

/** A copy that belongs to whoever refers to it. */
export function lasting(gradient: Tensor): Tensor {
  const copy = withoutRecording(null, () => empty(gradient.shape, gradient.dtype, 'gradient'));
  kernels.copy(copy.memoryView, gradient.memoryView);
  return copy;
}

/**
 * The blocks of results that a node made or saved. A storage listed twice is counted twice, both when
 * uses are added and when they are taken off.
 */
function forEachBlock({ outputs, saved }: Node, visit: (storage: Storage) => void): void {
  for (const { storage } of outputs) visit(storage);
  for (const { tensor } of saved) visit(tensor.storage);
}
