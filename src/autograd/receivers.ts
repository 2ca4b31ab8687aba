import type { Tensor } from '../tensor/index.ts';

/** Takes a gradient, which is its own from then on: `gradient.storage.release()` when it is done with it. */
export type GradientReceiver = (gradient: Tensor) => void;

const receivers = new WeakMap<Tensor, GradientReceiver>();

/**
 * Hands each gradient that reaches a leaf to `receiver`, in the order in which backward would have added them
 * up in `grad`, which stays as it is. A leaf that is used twice in a graph gets two. null takes this back.
 */
export function receiveGradients(leaf: Tensor, receiver: GradientReceiver | null): void {
  if (receiver === null) receivers.delete(leaf);
  else receivers.set(leaf, receiver);
}

/** The receiver of a leaf, if it has one. */
export function receiverOf(leaf: Tensor): GradientReceiver | undefined {
  return receivers.get(leaf);
}
