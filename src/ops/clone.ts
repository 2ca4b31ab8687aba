import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { type DType, empty, Tensor } from '../tensor/index.ts';
import { checkTensors, toInt32 } from './operands.ts';

/** A copy in row-major order, through which the gradient passes unchanged. */
export function clone(x: Tensor): Tensor {
  return copy(x);
}

const copy = defineOp({
  name: 'clone',
  forward: (x: Tensor) => ({ output: copied(x, x.dtype), saved: {} }),
  backward: (dy) => [dy],
});

/** Returns `x` itself if its elements already lie in row-major order, else a copy in which they do. */
export function contiguous(x: Tensor): Tensor {
  return x.isContiguous ? x : clone(x);
}

/**
 * Converts `x` to another number type, and returns `x` itself if it has that type already. Between float
 * types the gradient is converted back. Conversion to int32 passes no gradient: it rounds towards 0, and NaN
 * and numbers beyond its range are an error.
 */
export function to(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  return dtype === 'int32' ? toInteger(x) : toFloat(x, dtype);
}

const toFloat = defineOp({
  name: 'to',
  forward: (x: Tensor, dtype: DType) => ({ output: copied(x, dtype), saved: { from: x.dtype } }),
  backward: (dy, { from }) => [to(dy, from)],
});

const toInteger = defineOp({
  name: 'to',
  forward: (x: Tensor) => ({ output: toInt32(x), saved: {} }),
});

/**
 * The value outside the graph: a tensor without gradient.
 *
 * Plain data, and what was computed from nothing else, share their memory with it. All else is copied: the
 * memory of results goes back to the pool with their graph or noGrad scope, that of gradients with
 * `zeroGrad`, and the detached tensor outlives them; parameters, too, so that it stays as it was. (PyTorch
 * counts references and always shares. To change a parameter in place, do so itself, inside noGrad.)
 */
export function detach(x: Tensor): Tensor {
  return x.storage.recycled ? Tensor.over(x.toTypedArray(), x.shape, 'detach') : x.strided(x.shape, x.stride);
}

function copied(x: Tensor, dtype: DType): Tensor {
  checkTensors({ x });
  const output = empty(x.shape, dtype);
  kernels.copy(output.memoryView, x.memoryView);
  return output;
}
