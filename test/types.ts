/**
 * What must compile, and (behind `@ts-expect-error`) what must not. Nothing here runs: `npm run typecheck` is
 * the test.
 */

import type { GPT } from '../models/index.ts';
import { elementwise, gradcheck, type Linear, type Tensor } from '../src/index.ts';
import * as ops from '../src/ops/index.ts';
import { Trainer } from '../src/train/index.ts';

declare const x: Tensor;
declare const gpt: GPT;
declare const linear: Linear;
declare const xs: Tensor[];

const softsign = elementwise({
  name: 'softsign',
  f: (v) => v / (1 + Math.abs(v)),
  df: (v) => 1 / (1 + Math.abs(v)) ** 2,
});
const scaled = elementwise({ name: 'scaled', f: (v, scale) => scale * v, df: (_v, _y, scale) => scale });
const optional = (a: Tensor, scale?: number): Tensor => (scale === undefined ? a : ops.mul(a, scale));

/** An op takes what its formula declares. */
export function elementwiseOps(): Tensor[] {
  // @ts-expect-error the formula has no parameter
  softsign(x, 1);
  // @ts-expect-error the formula has one
  scaled(x);
  return [softsign(x), scaled(x, 2), ...xs.map(softsign), ...xs.map(ops.tanh), ...xs.map(ops.square)];
}

/** Array.map hands over an index, which is no axis, slope or probability. */
export function mapped(): Tensor[] {
  // @ts-expect-error the index would be the axis
  xs.map(ops.softmax);
  // @ts-expect-error the index would be the axis
  xs.map(ops.logSoftmax);
  // @ts-expect-error the index would be the options
  xs.map(ops.gelu);
  // @ts-expect-error the index would be the options
  xs.map(ops.leakyRelu);
  return xs.map((one) => ops.softmax(one));
}

/** gradcheck takes a function that the inputs can be given to, whatever else it may take. */
export function checked(): void {
  gradcheck(softsign, [x]);
  gradcheck(optional, [x]);
  gradcheck(ops.elu, [x]);
  gradcheck(ops.mul, [x, x]);
  gradcheck((a, b) => ops.mul(a, b), [x, x]);
  gradcheck((...all) => ops.concat(all), xs);
  // @ts-expect-error two inputs for an op of one
  gradcheck(softsign, [x, x]);
  // @ts-expect-error one input for an op of two
  gradcheck(ops.mul, [x]);
  // @ts-expect-error the second argument is a number
  gradcheck(scaled, [x, x]);
}

/** PyTorch's spelling of what is spelled otherwise here. */
export function pytorch(): void {
  // @ts-expect-error shapes are one list
  ops.reshape(x, 2, 2);
  // @ts-expect-error an axis is a number
  ops.softmax(x, { dim: -1 });
  // @ts-expect-error options are an object
  ops.mean(x, 0, true);
  // @ts-expect-error a view is not made of strides
  x.view([2], [1]);
}

/** The plumbing of memory has no name for users. */
// @ts-expect-error kept to tensor/pool.ts
export type NoBlock = import('../src/index.ts').Block;
// @ts-expect-error kept to tensor/storage.ts
export type NoBlockSource = import('../src/tensor/index.ts').BlockSource;

/** A trainer takes batches that fit its model's loss, or batches of any kind and their loss. */
export function trained(): void {
  const common = { optimizer: { lr: 1, step() {}, zeroGrad() {} }, steps: 1 };
  const tokens = () => ({ inputs: x, targets: x });
  const images = () => ({ image: x, label: 3 });
  new Trainer({ ...common, model: gpt, nextBatch: tokens });
  new Trainer({
    ...common,
    model: gpt,
    nextBatch: images,
    loss: ({ image, label }) => ops.mul(image, label),
  });
  new Trainer({ ...common, model: linear, nextBatch: tokens, loss: ({ inputs }) => inputs, units: () => 1 });
  // @ts-expect-error the model knows no loss
  new Trainer({ ...common, model: linear, nextBatch: tokens });
  // @ts-expect-error targets are no list of numbers
  new Trainer({ ...common, model: gpt, nextBatch: () => ({ inputs: x, targets: [1] }) });
  // @ts-expect-error a batch has no such field
  new Trainer({ ...common, model: gpt, nextBatch: images, loss: ({ images }) => images });
}
