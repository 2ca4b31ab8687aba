/** How the numbers of some tensors move from our layout to another one, and back. */
import { noGrad } from '../autograd/index.ts';
import { concat, permute, reshape, slice, split } from '../ops/index.ts';
import type { Shape, Tensor } from '../tensor/index.ts';

/** A change of layout: tensors of ours, in the order of their names, to tensors of theirs, and back. */
export interface Move {
  toTheirs(ours: readonly Tensor[]): Tensor[];
  toOurs(theirs: readonly Tensor[]): Tensor[];
}

/** The same numbers in the same order. */
export const same: Move = each((x) => x);

/** (out, in) ↔ (in, out). */
export const transposed: Move = each((x) => permute(x, [1, 0]));

/** The first axis the other way round. */
export const flipped: Move = each((x) => slice(x, { axis: 0, step: -1 }));

/** `count` equal tensors of ours ↔ one of theirs, one after the other along the first axis. */
export function joined(count: number): Move {
  return { toTheirs: (ours) => [concat(ours, 0)], toOurs: ([theirs]) => equalParts(theirs!, count) };
}

/** One tensor of ours ↔ `count` equal parts of it along the first axis. */
export function divided(count: number): Move {
  return { toTheirs: ([ours]) => equalParts(ours!, count), toOurs: (theirs) => [concat(theirs, 0)] };
}

/** The same numbers in another shape. */
export function reshaped(ours: Shape, theirs: Shape): Move {
  return each(
    (x) => reshape(x, theirs),
    (x) => reshape(x, ours),
  );
}

/** Weights of patches, channels last and laid flat ↔ channels first: (out, p·p·C) ↔ (out, C, p, p). */
export function patchesLast(patch: number, channels: number): Move {
  return each(
    (x) => permute(reshape(x, [-1, patch, patch, channels]), [0, 3, 1, 2]),
    (x) => reshape(permute(x, [0, 2, 3, 1]), [-1, patch * patch * channels]),
  );
}

/**
 * The rows of each head, by the pairs that rotary positions turn: neighbours, 2i and 2i + 1 ↔ halves, i and
 * i + D/2. For weights (heads·D, C), and for biases (heads·D).
 */
export function halves(headSize: number): Move {
  const turn = (x: Tensor, pair: Shape) => {
    const [rows, ...rest] = x.shape;
    const apart = reshape(x, [rows! / headSize, ...pair, ...rest]);
    return reshape(permute(apart, [0, 2, 1, ...rest.map((_, i) => 3 + i)]), x.shape);
  };
  return each(
    (x) => turn(x, [headSize / 2, 2]),
    (x) => turn(x, [2, headSize / 2]),
  );
}

/** One move after the other. */
export function inTurn(first: Move, second: Move): Move {
  return {
    toTheirs: (ours) => second.toTheirs(first.toTheirs(ours)),
    toOurs: (theirs) => first.toOurs(second.toOurs(theirs)),
  };
}

/** The moved tensors, each with memory of its own. */
export function moved(move: () => Tensor[]): Tensor[] {
  return noGrad(move);
}

function each(forth: (x: Tensor) => Tensor, back = forth): Move {
  return { toTheirs: (ours) => ours.map(forth), toOurs: (theirs) => theirs.map(back) };
}

function equalParts(x: Tensor, count: number): Tensor[] {
  return split(x, new Array<number>(count).fill(x.shape[0]! / count), 0);
}
