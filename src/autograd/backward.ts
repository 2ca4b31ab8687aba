import { kernels } from '../kernels/index.ts';
import { fail, ones, sameShape, show, Tensor } from '../tensor/index.ts';
import { checkGradient } from './anomaly.ts';
import { type BackwardOptions, checkArguments } from './backwardOptions.ts';
import { GradientMemory, lasting } from './gradientMemory.ts';
import { latestFirst, type Node, nodeOf } from './graph.ts';
import { receiverOf } from './receivers.ts';
import { unbroadcast } from './unbroadcast.ts';

export type { BackwardOptions, BackwardStep } from './backwardOptions.ts';

/**
 * Accumulates d(root)/d(leaf) into `grad` of every leaf that requires it, and consumes the graph: its memory
 * goes back to the pool, and only the root's value stays readable.
 *
 * @param gradient dL/d(root), of the root's shape; may be left out when the root has one element (then it is 1).
 */
export function backward(root: Tensor, gradient?: Tensor, options: BackwardOptions = {}): void {
  const { retainGraph, observe } = checkArguments(root, gradient, options);
  // A copy, for it may be a leaf's own gradient, which this pass adds to.
  const seed = gradient
    ? Tensor.over(gradient.toTypedArray(), root.shape)
    : ones(root.shape, { dtype: root.dtype });
  const last = nodeOf(root);
  const order = last === null ? [] : latestFirst(last);
  const memory = new GradientMemory(root, order, retainGraph);
  try {
    new Walk(memory, observe).run(root, seed, order);
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
  readonly #observe: BackwardOptions['observe'];

  constructor(memory: GradientMemory, observe: BackwardOptions['observe']) {
    this.#memory = memory;
    this.#observe = observe;
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
    this.#observe?.({ call: node, outputGradients: dys, inputGradients: dxs });
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

/** An op's gradient for one of its inputs, summed back to the input's shape. */
function fitted(node: Node, index: number, gradient: Tensor | null): Tensor | null {
  const input = node.inputs[index]!;
  if (gradient === null || !input.requiresGrad) return null;
  checkGradient(node.name, index, gradient);
  const where = `backward of ${node.name}`;
  if (gradient.dtype !== input.dtype)
    fail(where, `the gradient of input ${index} is ${input.dtype}, as the input`, gradient.dtype);
  return sameShape(gradient.shape, input.shape) ? gradient : unbroadcast(where, gradient, input.shape);
}

function addInPlace(total: Tensor, gradient: Tensor): void {
  kernels.addTo(total.memoryView, gradient.memoryView);
  total.storage.version++;
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
