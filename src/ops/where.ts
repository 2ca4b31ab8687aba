import { defineOp, type Gradients } from '../autograd/index.ts';
import { broadcastShapes, empty, type Tensor } from '../tensor/index.ts';
import { broadcastPair, broadcastView, checkTensors, packed } from './operands.ts';

/**
 * Chooses elementwise, with broadcasting: a where the condition is not 0, b where it is. What is not chosen
 * has no influence, be it NaN or infinite.
 *
 *   y = c ? a : b        da = c ? dy : 0,  db = c ? 0 : dy
 *
 * Saved: the condition, through which no gradient passes.
 */
export const where = defineOp({
  name: 'where',
  forward(condition: Tensor, a: Tensor | number, b: Tensor | number) {
    checkTensors({ 'the condition': condition });
    const [x, y] = broadcastPair(a, b);
    const shape = broadcastShapes('where', condition.shape, x.shape);
    const [c, yes, no] = [condition, x, y].map((tensor) => packed(broadcastView(tensor, shape)).data);
    const output = empty(shape, x.dtype);
    const { data } = output;
    for (let i = 0; i < data.length; i++) data[i] = c![i] !== 0 ? yes![i]! : no![i]!;
    return { output, saved: { condition } };
  },
  backward: (dy, { condition }, needs): Gradients => [
    null,
    needs[1] ? where(condition, dy, 0) : null,
    needs[2] ? where(condition, 0, dy) : null,
  ],
});

/** Replaces x by `value` where the mask (which broadcasts) is not 0; gradients pass only where x is left. */
export function maskedFill(x: Tensor, mask: Tensor, value: number): Tensor {
  return where(mask, value, x);
}
