/** A function of one number, looked at on a grid. */
import { type Tensor, tensor } from 'scratchformer';

export type Curve = (x: Tensor) => Tensor;

/** from, from + step, … to. */
export const grid = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);

/** f(x) and its derivative, by the ops' own forward and backward, in float64. */
export function evaluate(f: Curve, points: readonly number[]): { values: number[]; slopes: number[] } {
  const x = tensor([...points], { dtype: 'float64', requiresGrad: true });
  const y = f(x);
  const values = y.toArray() as number[];
  y.sum().backward();
  return { values, slopes: x.grad!.toArray() as number[] };
}
