import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { check, empty, show, sizeOf, type Tensor } from '../tensor/index.ts';
import { checkSameDtype, checkTensors, floats } from './operands.ts';

/**
 * The affine map of the last axis.
 *
 *   y = x·Wᵀ + b        dx = dy·W,  dW = dyᵀ·x,  db = Σ dy over all rows
 *
 * Shapes: x (…, in), W (out, in), b (out) or null, y (…, out). Saved: x and W.
 */
export const linear = defineOp({
  name: 'linear',
  forward(x: Tensor, weight: Tensor, bias: Tensor | null = null) {
    checkTensors({ x, weight }, { bias });
    const [m, n, k] = checkShapes(x, weight, bias);
    const output = empty([...x.shape.slice(0, -1), n], x.dtype);
    const b = bias && floats(bias);
    const y = output.memory;
    kernels.matmul(y, floats(x), floats(weight), b, { m, n, k, transposeB: true });
    return { output, saved: { x, weight, m, n, k } };
  },
  backward(dy, { x, weight, m, n, k }, needs) {
    const d = floats(dy);
    let dx: Tensor | null = null;
    let dWeight: Tensor | null = null;
    let dBias: Tensor | null = null;
    if (needs[0]) {
      dx = empty(x.shape, x.dtype);
      kernels.matmul(dx.memory, d, floats(weight), null, { m, n: k, k: n });
    }
    if (needs[1]) {
      dWeight = empty(weight.shape, x.dtype);
      kernels.matmul(dWeight.memory, d, floats(x), null, {
        m: n,
        n: k,
        k: m,
        transposeA: true,
      });
    }
    if (needs[2]) {
      dBias = empty([n], x.dtype);
      kernels.sum(dBias.memory, d, 1, m, n);
    }
    return [dx, dWeight, dBias];
  },
});

/** Checks the shapes; returns the number of rows, of outputs and of inputs. */
function checkShapes(x: Tensor, weight: Tensor, bias: Tensor | null): [m: number, n: number, k: number] {
  check(
    x.rank >= 1 && weight.rank === 2 && x.shape.at(-1) === weight.shape[1],
    'linear',
    'the last axis of x is as long as the second of the weight (out, in)',
    () => `x ${show(x.shape)} and weight ${show(weight.shape)}`,
  );
  const [n, k] = weight.shape as [number, number];
  check(bias === null || (bias.rank === 1 && bias.size === n), 'linear', `the bias has shape (${n})`, () =>
    show(bias!.shape),
  );
  checkSameDtype([x, weight, bias]);
  return [sizeOf(x.shape.slice(0, -1)), n, k];
}
