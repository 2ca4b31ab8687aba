/**
 * The graph that ops record and backward consumes.
 *
 * A node is one call of an op. Nodes connected through non-leaf tensors form one graph, and what they computed belongs
 * to that graph: when backward consumes it, every block goes back to the pool, side branches included.
 */
import { check, type GraphNode, type Shape, type Storage, type Tensor } from '../tensor/index.ts';

export interface Node extends GraphNode {
  /** Nodes are numbered as they are made, so inputs always have smaller numbers than what was made from them. */
  readonly id: number;
  /** The op's tensor arguments, lists flattened. */
  readonly inputs: readonly Tensor[];
  readonly outputShape: Shape;
  readonly outputStorage: Storage;
  /** What the op saved for backward, with the version each storage had at that time. */
  saved: readonly { readonly tensor: Tensor; readonly version: number }[];
  /** dy → gradients of `inputs` */
  backward: (dy: Tensor) => readonly (Tensor | null)[];
  graph: Graph;
}

export class Graph {
  /** What the graph still has to hand back. */
  readonly #owned = new Set<Storage>();
  consumed = false;
  #mergedInto: Graph | null = null;
  readonly #tally = { bytes: 0 };

  constructor() {
    forgotten.register(this, this.#tally);
  }

  /** The graph that this one has become part of (itself, if none). */
  get root(): Graph {
    let graph: Graph = this;
    while (graph.#mergedInto !== null) graph = graph.#mergedInto;
    return graph;
  }

  own(storage: Storage): void {
    this.#owned.add(storage);
    this.#tally.bytes += storage.bytes;
    recordedBytes += storage.bytes;
    if (recordedBytes > LIMIT) warnOnce();
  }

  /** Joins two graphs into the larger one. */
  merge(other: Graph): Graph {
    if (this === other) return this;
    if (this.#owned.size < other.#owned.size) return other.merge(this);
    for (const storage of other.#owned) this.#owned.add(storage);
    this.#tally.bytes += other.#tally.bytes;
    other.#tally.bytes = 0;
    other.#owned.clear();
    other.#mergedInto = this;
    return this;
  }

  /** Hands one block back, if it is this graph's. */
  free(storage: Storage): void {
    if (this.#owned.delete(storage)) storage.release();
  }

  /** Hands every block back but that of `keep`. */
  release(keep: Storage): void {
    this.#owned.delete(keep);
    for (const storage of this.#owned) storage.release();
    recordedBytes -= this.#tally.bytes;
    this.#tally.bytes = 0;
    this.#owned.clear();
    this.consumed = true;
  }
}

/** The graph of an op's result: that of its inputs, joined. */
export function joinedGraph(name: string, inputs: readonly Tensor[]): Graph {
  let joined: Graph | null = null;
  for (const { node } of inputs) {
    if (node === null) continue;
    const graph = (node as Node).graph.root;
    checkNotConsumed(name, graph);
    joined = joined === null ? graph : joined.merge(graph);
  }
  return joined ?? new Graph();
}

export function checkNotConsumed(where: string, graph: Graph): void {
  check(
    !graph.consumed,
    where,
    'a graph is used until backward consumes it',
    () => 'a graph that an earlier backward has consumed',
    () => 'add the losses and call backward once, or pass { retainGraph: true } to the earlier call',
  );
}

/** Bytes that graphs own at this moment, and the amount at which something is surely wrong for a toy model. */
let recordedBytes = 0;
const LIMIT = 2 ** 31;
let warned = false;

/** A graph that the garbage collector found before backward did no longer counts. */
const forgotten = new FinalizationRegistry<{ bytes: number }>((held) => {
  recordedBytes -= held.bytes;
});

function warnOnce(): void {
  if (warned) return;
  warned = true;
  console.warn(
    'autograd: 2 GiB of forward results wait for a backward. If these passes only evaluate, wrap each in ' +
      'noGrad(() => …), which frees what it computed.',
  );
}
