import { kernels } from '../kernels/index.ts';
import { check, display, fail, ones, sameShape, show, Tensor, withDefaults } from '../tensor/index.ts';
import { GradientMemory, lasting } from './gradientMemory.ts';
import { checkNotConsumed, type Node, nodeOf } from './graph.ts';
import { detectsAnomaly } from './mode.ts';
import { receiverOf } from './receivers.ts';
import { unbroadcast } from './unbroadcast.ts';

export interface BackwardOptions {
  /** Keep the graph and its memory, so that backward can run through it again. Default false. */
  readonly retainGraph?: boolean;
}

/**
 * Accumulates d(root)/d(leaf) into `grad` of every leaf that requires it, and consumes the graph: its memory
 * goes back to the pool, and only the root's value stays readable.
 *
 * @param gradient dL/d(root), of the root's shape; may be left out when the root has one element (then it is 1).
 */
export function backward(root: Tensor, gradient?: Tensor, options: BackwardOptions = {}): void {
  const { retainGraph } = checkArguments(root, gradient, options);
  // A copy, for it may be a leaf's own gradient, which this pass adds to.
  const seed = gradient
    ? Tensor.over(gradient.toTypedArray(), root.shape)
    : ones(root.shape, { dtype: root.dtype });
  const last = nodeOf(root);
  const order = last === null ? [] : latestFirst(last);
  const memory = new GradientMemory(root, order, retainGraph);
  try {
    new Walk(memory).run(root, seed, order);
  } finally {
    memory.end();
    if (last && !retainGraph) {
      last.graph.root.release(root.storage);
      root.node = null;
      root.requiresGrad = false;
    }
  }
}

/**
 * The chain rule. L depends on x through everything that was made of x, so
 *
 *   dL/dx = Σ over the ops y = f(…, x, …) of  dL/dy · ∂y/∂x
 *
 * Each op knows its own summand: its `backward` takes dL/dy to dL/dx. A node is visited after all nodes that
 * used its outputs, when their gradients are complete.
 */
class Walk {
  /** dL/dy for each output y of a node, as far as it has been added up. */
  readonly #gradients = new Map<Node, (Tensor | null)[]>();
  readonly #memory: GradientMemory;

  constructor(memory: GradientMemory) {
    this.#memory = memory;
  }

  run(root: Tensor, seed: Tensor, order: readonly Node[]): void {
    this.#memory.hold(seed);
    this.#add(root, seed);
    for (const node of order) {
      this.#visit(node);
      this.#memory.finish(node);
    }
  }

  #visit(node: Node): void {
    const dys = this.#gradients.get(node);
    if (dys === undefined) return; // no gradient has come this way
    checkVersions(node);
    const dxs = this.#memory.gradientsFrom(node, () =>
      node.backward(dys).map((dx, i) => fitted(node, i, dx)),
    );
    this.#gradients.delete(node);
    for (const dy of dys) if (dy) this.#memory.letGo(dy);
    dxs.forEach((dx, i) => {
      if (dx) this.#add(node.inputs[i]!, dx);
    });
  }

  /** Adds a gradient to what its tensor has so far. */
  #add(x: Tensor, dx: Tensor): void {
    const node = nodeOf(x);
    if (node === null) {
      const receiver = receiverOf(x);
      if (receiver) receiver(this.#memory.surrender(dx));
      else if (x.grad === null) x.grad = this.#memory.surrender(dx);
      else {
        addInPlace(x.grad, dx);
        this.#memory.letGo(dx);
      }
      return;
    }
    if (x.keepsGrad) {
      if (x.grad === null) x.grad = lasting(dx);
      else addInPlace(x.grad, dx);
    }
    const all = this.#gradients.get(node) ?? node.outputs.map(() => null);
    const i = node.outputs.indexOf(x);
    const sofar = all[i];
    all[i] = sofar ? this.#memory.sum(sofar, dx) : dx;
    this.#gradients.set(node, all);
  }
}

/**
 * All nodes that lead to the last one, which comes first: every node before the nodes that made its inputs.
 */
function latestFirst(last: Node): Node[] {
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

/** An op's gradient for one of its inputs, summed back to the input's shape. */
function fitted(node: Node, index: number, gradient: Tensor | null): Tensor | null {
  const input = node.inputs[index]!;
  if (gradient === null || !input.requiresGrad) return null;
  if (detectsAnomaly()) checkNaN(node, index, gradient);
  const where = `backward of ${node.name}`;
  if (gradient.dtype !== input.dtype)
    fail(where, `the gradient of input ${index} is ${input.dtype}, as the input`, gradient.dtype);
  return sameShape(gradient.shape, input.shape) ? gradient : unbroadcast(where, gradient, input.shape);
}

function addInPlace(total: Tensor, gradient: Tensor): void {
  kernels.addTo(total.memoryView, gradient.memoryView);
  total.storage.version++;
}

function checkArguments(root: Tensor, gradient: Tensor | undefined, options: BackwardOptions) {
  check(
    gradient === undefined || gradient instanceof Tensor,
    'backward',
    'the gradient is a tensor',
    () => display(gradient),
    () => 'options come after it: backward(undefined, { retainGraph: true })',
  );
  const settings = withDefaults<Required<BackwardOptions>>('backward', options, { retainGraph: false });
  check(
    root.requiresGrad,
    'backward',
    'the root requires grad',
    () =>
      'a tensor that no recorded op made from a tensor that requires grad, or one whose graph backward has consumed',
    () =>
      'set requiresGrad on an input, compute outside noGrad, or pass { retainGraph: true } to the earlier call',
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
  const node = nodeOf(root);
  if (node) checkNotConsumed('backward', node.graph.root);
  return settings;
}

function checkVersions(node: Node): void {
  for (const { tensor, version } of node.saved) {
    if (tensor.storage.version === version) continue;
    fail(
      `backward of ${node.name}`,
      'a tensor saved for backward is not changed in place before it',
      `a tensor of shape ${show(tensor.shape)} changed ${tensor.storage.version - version} time(s) since`,
      'change a .clone() instead, or call backward first',
    );
  }
}

function checkNaN(node: Node, index: number, gradient: Tensor): void {
  if (gradient.toTypedArray().every((value) => !Number.isNaN(value))) return;
  fail(
    `backward of ${node.name}`,
    'gradients hold no NaN (detectAnomaly)',
    `NaN in the gradient of input ${index}`,
  );
}
