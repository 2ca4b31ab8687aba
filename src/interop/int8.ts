import { Embedding, type Module, type Parameter } from '../nn/index.ts';
import type { Tensor } from '../tensor/index.ts';

/** Whole numbers from −127 to 127, and what those of each index along an axis are to be multiplied by. */
export interface Int8 {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Rounds numbers to int8, symmetrically, with a scale for each index along one axis:
 *
 *   scale = max|x|/127,  q = round(x/scale)        |x − q·scale| ≤ scale/2
 */
export function toInt8(x: Tensor, axis: number): Int8 {
  const numbers = x.toTypedArray();
  const count = x.shape[axis]!;
  const inner = x.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const scales = new Float32Array(count);
  const place = (i: number) => Math.floor(i / inner) % count;
  for (const [i, value] of numbers.entries()) scales[place(i)] = Math.max(scales[place(i)]!, Math.abs(value));
  for (const [c, most] of scales.entries()) scales[c] = most === 0 ? 1 : most / 127;
  const rounded = (value: number, i: number) =>
    Math.max(-127, Math.min(127, Math.round(value / scales[place(i)]!)));
  return { values: Int8Array.from(numbers, rounded), scales };
}

/** The weights that are kept in int8: matrices of linear layers, and tables of embeddings. */
export function matricesOf(model: Module): Parameter[] {
  const tables = model
    .namedModules()
    .flatMap(([, module]) => (module instanceof Embedding ? [module.weight] : []));
  const weights = model.parameters().filter(({ role, rank }) => role === 'weight' && rank === 2);
  return [...new Set([...tables, ...weights])];
}

/** Gives the weights of a model, in place, the values that they have in int8, with a scale for each row. */
export function roundToInt8(model: Module): void {
  for (const weight of matricesOf(model)) {
    const { values, scales } = toInt8(weight, 0);
    const width = weight.size / scales.length;
    weight.data.set(Float32Array.from(values, (q, i) => q * scales[Math.floor(i / width)]!));
    weight.storage.version++;
  }
}
