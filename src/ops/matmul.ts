import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import {
  broadcastShapes,
  check,
  empty,
  type Memory,
  type Shape,
  show,
  sizeOf,
  type Tensor,
} from '../tensor/index.ts';
import { broadcastView, checkSameDtype, checkTensors, floats } from './operands.ts';

/**
 * Matrix product of the last two axes; leading axes are batches and broadcast. Transposed views are used as
 * they are, without a copy.
 *
 *   Y = A·B        dA = dY·Bᵀ,  dB = Aᵀ·dY
 *
 * Shapes: A (…, m, k), B (…, k, n), Y (…, m, n). Saved: A and B.
 */
export const matmul = defineOp({
  name: 'matmul',
  forward(a: Tensor, b: Tensor) {
    checkTensors({ A: a, B: b });
    check(
      a.rank >= 2 && b.rank >= 2 && a.shape.at(-1) === b.shape.at(-2),
      'matmul',
      'A is (…, m, k) and B is (…, k, n)',
      () => `${show(a.shape)} and ${show(b.shape)}`,
      () => 'a vector needs a second axis: reshape it to a row or a column',
    );
    checkSameDtype([a, b]);
    return { output: product(a, b), saved: { a, b } };
  },
  backward: (dy, { a, b }, needs) => [
    needs[0] ? product(dy, swapped(b)) : null,
    needs[1] ? product(swapped(a), dy) : null,
  ],
});

function product(a: Tensor, b: Tensor): Tensor {
  const [m, k, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  const lead = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const y = empty([...lead, m, n], a.dtype);
  const [left, right] = [operand(a, lead), operand(b, lead)];
  kernels.matmul(y.memory, left.memory, right.memory, null, {
    batch: sizeOf(lead),
    m,
    n,
    k,
    transposeA: left.transposed,
    transposeB: right.transposed,
    strideA: left.stride,
    strideB: right.stride,
  });
  return y;
}

/** A factor as kernels read it: its elements, whether matrices lie transposed, and the step between them. */
function operand(x: Tensor, lead: Shape): { memory: Memory; transposed: boolean; stride: number } {
  const transposed = !x.isContiguous && swapped(x).isContiguous;
  const shared = sizeOf(x.shape.slice(0, -2)) === 1;
  // Batches that broadcast on some axes only are spelled out; one matrix for all of them is not.
  const whole = shared ? x : broadcastView(x, [...lead, ...x.shape.slice(-2)]);
  const memory = floats(transposed ? swapped(whole) : whole);
  return { memory, transposed, stride: shared ? 0 : x.shape.at(-2)! * x.shape.at(-1)! };
}

/** A view with the last two axes exchanged. */
function swapped(x: Tensor): Tensor {
  const exchange = (list: readonly number[]) => [...list.slice(0, -2), list.at(-1)!, list.at(-2)!];
  return x.strided(exchange(x.shape), exchange(x.stride));
}
