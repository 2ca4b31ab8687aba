import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { aroundAxis, empty, resolveAxis, type Tensor } from '../tensor/index.ts';
import { packed, toInt32 } from './operands.ts';

/**
 * Running sum along an axis. A sum of integers that int32 cannot hold is an error.
 *
 *   yᵢ = Σ xⱼ for j ≤ i        dxⱼ = Σ dyᵢ for i ≥ j
 */
export const cumsum = defineOp({
  name: 'cumsum',
  forward(x: Tensor, axis: number) {
    const along = resolveAxis('cumsum', axis, x.rank);
    return { output: running(x, along, false), saved: { along } };
  },
  backward: (dy, { along }) => [running(dy, along, true)],
});

function running(x: Tensor, axis: number, reverse: boolean): Tensor {
  const whole = x.dtype === 'int32';
  const out = empty(x.shape, whole ? 'float64' : x.dtype);
  kernels.cumsum(out.memory, packed(x).memory, ...aroundAxis(x.shape, axis), reverse);
  return whole ? toInt32(out) : out;
}
