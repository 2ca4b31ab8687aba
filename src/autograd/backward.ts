import { kernels } from '../kernels/index.ts';
import {
  check,
  display,
  empty,
  fail,
  ones,
  type Storage,
  sameShape,
  show,
  Tensor,
  withDefaults,
} from '../tensor/index.ts';
import { checkNotConsumed, type Node } from './graph.ts';
import { detectsAnomaly, withoutRecording } from './mode.ts';
import { unbroadcast } from './unbroadcast.ts';

export interface BackwardOptions {
  /** Keep the graph and its memory, so that backward can run through it again. Default false. */
  readonly retainGraph?: boolean;
}

/**
 * Accumulates d(root)/d(leaf) into `grad` of every leaf that requires it, and consumes the graph: its memory goes back
 * to the pool, and only the root's value stays readable.
 *
 * @param gradient dL/d(root), of the root's shape; may be left out when the root has one element (then it is 1).
 */
export function backward(root: Tensor, gradient?: Tensor, options: BackwardOptions = {}): void {
  check(
    gradient === undefined || gradient instanceof Tensor,
    'backward',
    'the gradient is a tensor',
    () => display(gradient),
    () => 'options come after it: backward(undefined, { retainGraph: true })',
  );
  const { retainGraph } = withDefaults<Required<BackwardOptions>>('backward', options, { retainGraph: false });
  check(
    root.requiresGrad,
    'backward',
    'the root requires grad',
    () =>
      'a tensor that no recorded op made from a tensor that requires grad, or one whose graph backward has consumed',
    () => 'set requiresGrad on an input, compute outside noGrad, or pass { retainGraph: true } to the earlier call',
  );
  check(
    gradient !== undefined || root.size === 1,
    'backward',
    'the root has one element, or its gradient is given',
    () => `shape ${show(root.shape)}`,
    () => 'call backward on a loss (.sum(), .mean()), or pass the gradient',
  );
  check(
    gradient === undefined || (sameShape(gradient.shape, root.shape) && gradient.dtype === root.dtype),
    'backward',
    `the gradient has the root's shape and dtype, ${show(root.shape)} ${root.dtype}`,
    () => `${show(gradient!.shape)} ${gradient!.dtype}`,
  );
  // A copy, for it may be a leaf's own gradient, which this pass adds to.
  const seed = gradient ? Tensor.over(gradient.toTypedArray(), root.shape) : ones(root.shape, { dtype: root.dtype });
  const node = root.node as Node | null;
  if (node) checkNotConsumed('backward', node.graph.root);
  const pass = new BackwardPass(retainGraph ? null : root.storage);
  try {
    pass.run(root, seed);
  } finally {
    if (!retainGraph && node) {
      node.graph.root.release(root.storage);
      root.node = null;
      root.requiresGrad = false;
    }
  }
}

/** Nodes reachable from `root`, latest first: every node comes before the nodes that made its inputs. */
function nodesInOrder(root: Node): Node[] {
  const seen = new Set<Node>([root]);
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const input of node.inputs) {
      const next = input.node as Node | null;
      if (next === null || seen.has(next)) continue;
      seen.add(next);
      stack.push(next);
    }
  }
  return [...seen].sort((a, b) => b.id - a.id);
}

class BackwardPass {
  /** Gradients of node outputs that wait for their node's turn. */
  readonly #pending = new Map<Node, Tensor>();
  /** How many pending gradients use a storage. */
  readonly #holds = new Map<Storage, number>();
  /** Storages that this pass allocated and that no leaf has taken over. */
  readonly #fresh = new Set<Storage>();
  /** How many nodes still need a storage of the forward pass; null when the graph is kept. */
  readonly #uses: Map<Storage, number> | null;
  readonly #rootStorage: Storage | null;

  constructor(rootStorage: Storage | null) {
    this.#rootStorage = rootStorage;
    this.#uses = rootStorage === null ? null : new Map();
  }

  run(root: Tensor, seed: Tensor): void {
    const order = root.node === null ? [] : nodesInOrder(root.node as Node);
    if (this.#uses) {
      for (const node of order) {
        for (const storage of storagesOf(node)) this.#uses.set(storage, (this.#uses.get(storage) ?? 0) + 1);
      }
    }
    try {
      this.#deliver(root, seed, false);
      for (const node of order) this.#process(node);
    } finally {
      for (const storage of this.#fresh) storage.release(); // what waited when an op failed
    }
  }

  #process(node: Node): void {
    const dy = this.#pending.get(node);
    if (dy !== undefined) {
      for (const { tensor, version } of node.saved)
        if (tensor.storage.version !== version) failVersion(node, tensor, version);
      const allocated: Storage[] = [];
      withoutRecording(allocated, () => {
        const gradients = node.backward(dy).map((gradient, i) => this.#fit(node, i, gradient));
        for (const storage of allocated) this.#fresh.add(storage);
        gradients.forEach((gradient, i) => {
          if (gradient === null) return;
          const alone = gradients.every((other, j) => j === i || other?.storage !== gradient.storage);
          this.#deliver(node.inputs[i]!, gradient, alone);
        });
      });
      this.#pending.delete(node);
      this.#drop(dy.storage);
      for (const storage of allocated) if (!this.#holds.has(storage)) this.#free(storage);
    }
    if (this.#uses) for (const storage of storagesOf(node)) this.#finishUse(node, storage);
  }

  /** Checks an op's gradient and sums it back to its input's shape. */
  #fit(node: Node, index: number, gradient: Tensor | null): Tensor | null {
    const input = node.inputs[index]!;
    if (gradient === null || !input.requiresGrad) return null;
    if (detectsAnomaly()) checkNaN(node, index, gradient);
    const where = `backward of ${node.name}`;
    if (gradient.dtype !== input.dtype)
      fail(where, `the gradient of input ${index} is ${input.dtype}, as the input`, gradient.dtype);
    return sameShape(gradient.shape, input.shape) ? gradient : unbroadcast(where, gradient, input.shape);
  }

  /** Adds a gradient to what its tensor has so far. `alone`: no other gradient of this op shares its memory. */
  #deliver(target: Tensor, gradient: Tensor, alone: boolean): void {
    if (target.node === null || target.keepsGrad) this.#accumulate(target, gradient, alone && target.node === null);
    if (target.node === null) return;
    const node = target.node as Node;
    const sofar = this.#pending.get(node);
    if (sofar === undefined) {
      this.#pending.set(node, gradient);
      this.#hold(gradient.storage);
    } else if (this.#isOurs(sofar, 1)) {
      kernels.addTo(sofar.array, gradient.array);
    } else {
      const total = empty(sofar.shape, sofar.dtype, `gradient of ${node.name}`);
      this.#fresh.add(total.storage);
      kernels.binary('add', total.array, sofar.array, gradient.array);
      this.#pending.set(node, total);
      this.#hold(total.storage);
      this.#drop(sofar.storage);
    }
  }

  /** Into `grad` of a leaf, which takes a fresh gradient over as it is and copies any other. */
  #accumulate(leaf: Tensor, gradient: Tensor, alone: boolean): void {
    if (leaf.grad !== null) {
      kernels.addTo(leaf.grad.array, gradient.array);
      leaf.grad.storage.version++;
    } else if (alone && this.#isOurs(gradient, 0)) {
      this.#fresh.delete(gradient.storage);
      gradient.storage.keep();
      leaf.grad = gradient;
    } else {
      leaf.grad = withoutRecording(null, () => empty(leaf.shape, leaf.dtype, 'gradient'));
      kernels.copy(leaf.grad.array, gradient.array);
    }
  }

  /** Whether this pass may write to the gradient: it allocated the whole of it, and `holds` users are known. */
  #isOurs({ storage, size, isContiguous }: Tensor, holds: number): boolean {
    const whole = isContiguous && storage.data.length === size;
    return whole && this.#fresh.has(storage) && (this.#holds.get(storage) ?? 0) === holds;
  }

  #hold(storage: Storage): void {
    this.#holds.set(storage, (this.#holds.get(storage) ?? 0) + 1);
  }

  #drop(storage: Storage): void {
    const left = this.#holds.get(storage)! - 1;
    if (left > 0) this.#holds.set(storage, left);
    else {
      this.#holds.delete(storage);
      this.#free(storage);
    }
  }

  #free(storage: Storage): void {
    if (this.#fresh.delete(storage)) storage.release();
  }

  /** Frees forward memory as soon as no node, and no gradient that is a view of it, needs it any more. */
  #finishUse(node: Node, storage: Storage): void {
    const left = this.#uses!.get(storage)! - 1;
    this.#uses!.set(storage, left);
    if (left === 0 && storage !== this.#rootStorage && !this.#holds.has(storage)) node.graph.root.free(storage);
  }
}

/** One that is there twice is counted twice, up and down. */
function storagesOf(node: Node): Storage[] {
  return [node.outputStorage, ...node.saved.map(({ tensor }) => tensor.storage)];
}

function failVersion(node: Node, tensor: Tensor, version: number): never {
  fail(
    `backward of ${node.name}`,
    'a tensor saved for backward is not changed in place before it',
    `a tensor of shape ${show(tensor.shape)} changed ${tensor.storage.version - version} time(s) since`,
    'change a .clone() instead, or call backward first',
  );
}

function checkNaN(node: Node, index: number, gradient: Tensor): void {
  if (gradient.toTypedArray().every((value) => !Number.isNaN(value))) return;
  fail(`backward of ${node.name}`, 'gradients hold no NaN (detectAnomaly)', `NaN in the gradient of input ${index}`);
}
