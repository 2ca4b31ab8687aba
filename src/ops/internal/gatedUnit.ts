import { defineOp } from '../../autograd/index.ts';
import { kernels } from '../../kernels/index.ts';
import { check, show, type Tensor, zeroed } from '../../tensor/index.ts';
import { mul } from '../mul.ts';

/** An activation whose last axis comes out half as long as it goes in: (…, 2F) → (…, F). */
export interface GatedActivation {
  (x: Tensor): Tensor;
  readonly gated: true;
}

/** value ⊙ gate(other half), where the value is the first half of the last axis. */
export function gatedUnit(name: string, gate: (x: Tensor) => Tensor): GatedActivation {
  const unit = (x: Tensor): Tensor => {
    check(
      x.rank >= 1 && x.shape.at(-1)! % 2 === 0,
      name,
      'the last axis is even: a value half and a gate half',
      () => show(x.shape),
      () => 'the projection before it has 2F outputs',
    );
    return mul(half(x, 0), gate(half(x, 1)));
  };
  return Object.assign(Object.defineProperty(unit, 'name', { value: name }), { gated: true as const });
}

/** The first (0) or second (1) half of the last axis, a view; the gradient of the other half is 0. */
const half = defineOp({
  name: 'half',
  forward: (x: Tensor, which: 0 | 1) => ({ output: halfOf(x, which), saved: { shape: x.shape, which } }),
  backward(dy, { shape, which }) {
    const dx = zeroed(shape, dy.dtype);
    kernels.copy(halfOf(dx, which).memoryView, dy.memoryView);
    return [dx];
  },
});

function halfOf(x: Tensor, which: 0 | 1): Tensor {
  const F = x.shape.at(-1)! / 2;
  return x.strided([...x.shape.slice(0, -1), F], x.stride, x.offset + which * F * x.stride.at(-1)!);
}
