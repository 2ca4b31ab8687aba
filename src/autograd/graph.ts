/**
 * The graph that ops record and backward consumes.
 *
 * A node is one call of an op. Nodes connected through non-leaf tensors form one graph, and what they
 * computed belongs to that graph: when backward consumes it, every block goes back to the pool, side branches
 * included.
 */
import { check, type GraphNode, type Storage, type Tensor } from '../tensor/index.ts';
import type { Copies } from '../tensor/scope.ts';

/** One recorded call of an op, to look at. */
export interface RecordedCall extends GraphNode {
  /**
   * Number of the call: calls are numbered as they are made, so inputs come from calls with smaller numbers.
   */
  readonly id: number;
  /** The op's tensor arguments, lists flattened. */
  readonly inputs: readonly Tensor[];
  /** The results of the call: one tensor, or several. */
  readonly outputs: readonly Tensor[];
}

export interface Node extends RecordedCall {
  /** The tensors that the op saved for backward, with the version each storage had at that time. */
  saved: readonly { readonly tensor: Tensor; readonly version: number }[];
  /** Copies of plain data among the saved, in the memory that kernels work in. */
  readonly copies: Copies;
  /** Gradients of `outputs`, at least one of them not null → gradients of `inputs` */
  backward: (dys: readonly (Tensor | null)[]) => readonly (Tensor | null)[];
  graph: Graph;
}

/** The call that made a tensor; null for a leaf. */
export function nodeOf(tensor: Tensor): Node | null {
  return tensor.node as Node | null; // the engine alone fills it
}

/**
 * All nodes that lead to the last one, which comes first: every node before the nodes that made its inputs.
 */
export function latestFirst(last: Node): Node[] {
  const seen = new Set([last]);
  const stack = [last];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const input of node.inputs) {
      const next = nodeOf(input);
      if (next === null || seen.has(next)) continue;
      seen.add(next);
      stack.push(next);
    }
  }
  return [...seen].sort((a, b) => b.id - a.id);
}

/**
 * Lists the recorded calls of ops that a tensor came from, in the order in which they ran; none for a leaf.
 * Their results can be read until `backward` consumes the graph.
 *
 *     recordedCalls(loss).map(({ name }) => name)        ['embedding', 'linear', …, 'crossEntropy', 'mean']
 */
export function recordedCalls(root: Tensor): readonly RecordedCall[] {
  const last = nodeOf(root);
  return last === null ? [] : latestFirst(last).reverse();
}

export class Graph {
  consumed = false;
  readonly #holdings: Holdings = { owned: new Set(), bytes: 0 };
  #mergedInto: Graph | null = null;

  constructor() {
    forgotten.register(this, this.#holdings, this);
  }

  /** The graph that this one has become part of (itself, if none). */
  get root(): Graph {
    let graph: Graph = this;
    while (graph.#mergedInto !== null) graph = graph.#mergedInto;
    return graph;
  }

  own(storage: Storage): void {
    this.#holdings.owned.add(storage);
    this.#holdings.bytes += storage.bytes;
    recordedBytes += storage.bytes;
    if (recordedBytes > LIMIT) warnOnce();
  }

  /** Joins two graphs into the larger one. */
  merge(other: Graph): Graph {
    if (this === other) return this;
    const [ours, theirs] = [this.#holdings, other.#holdings];
    if (ours.owned.size < theirs.owned.size) return other.merge(this);
    for (const storage of theirs.owned) ours.owned.add(storage);
    ours.bytes += theirs.bytes;
    theirs.bytes = 0;
    theirs.owned.clear();
    forgotten.unregister(other);
    other.#mergedInto = this;
    return this;
  }

  /** Hands one block back, if it is this graph's. */
  free(storage: Storage): void {
    if (this.#holdings.owned.delete(storage)) storage.release();
  }

  /** Hands every block back; the numbers in `keep` live on. */
  release(keep: Storage): void {
    if (this.#holdings.owned.delete(keep)) keep.toHeap();
    releaseAll(this.#holdings);
    forgotten.unregister(this); // or a long synchronous loop would pile up what nobody will look for
    this.consumed = true;
  }
}

/** The blocks that a graph still has to hand back, and the bytes it recorded. */
interface Holdings {
  readonly owned: Set<Storage>;
  bytes: number;
}

function releaseAll(holdings: Holdings): void {
  for (const storage of holdings.owned) storage.release();
  holdings.owned.clear();
  recordedBytes -= holdings.bytes;
  holdings.bytes = 0;
}

/** Checks that no input belongs to a consumed graph. */
export function checkInputs(name: string, inputs: readonly Tensor[]): void {
  for (const input of inputs) {
    const node = nodeOf(input);
    if (node !== null) checkNotConsumed(name, node.graph.root);
  }
}

/** Joins the graphs of an op's inputs: the graph of its results. */
export function joinedGraph(inputs: readonly Tensor[]): Graph {
  let joined: Graph | null = null;
  for (const input of inputs) {
    const node = nodeOf(input);
    if (node === null) continue;
    const graph = node.graph.root;
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

/**
 * Bytes that graphs own at this moment, and the amount at which something is surely wrong for a toy model.
 */
let recordedBytes = 0;
const LIMIT = 2 ** 31;
let warned = false;

/** The safety net: graphs that the garbage collector finds before any backward does. */
const forgotten = new FinalizationRegistry<Holdings>(releaseAll);

function warnOnce(): void {
  if (warned) return;
  warned = true;
  console.warn(
    'autograd: 2 GiB of forward results wait for a backward. If these passes only evaluate, wrap each in ' +
      'noGrad(() => …), which frees what it computed.',
  );
}
