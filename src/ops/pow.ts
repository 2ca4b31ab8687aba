import { defineOp, type Gradients } from '../autograd/index.ts';
import { kernels, powerOfNumber } from '../kernels/index.ts';
import { empty, type Tensor } from '../tensor/index.ts';
import { equal, greaterEqual } from './comparison.ts';
import { elementwise } from './elementwise.ts';
import { log } from './exp.ts';
import { mul } from './mul.ts';
import { broadcastPair } from './operands.ts';
import { sub } from './sub.ts';
import { where } from './where.ts';

/**
 * Power, elementwise with broadcasting; base and exponent are tensors or numbers.
 *
 *   y = aᵇ        da = dy ⊙ b·aᵇ⁻¹,  db = dy ⊙ y·ln a
 *
 * The corners are PyTorch's: 0⁰ = 1ᵇ = (−1)^±∞ = 1, also for b = NaN; da = 0 where b = 0 (also at a = 0);
 * db = 0 where a = 0 and b ≥ 0, the limit of y·ln a; a negative base with a fractional exponent is NaN.
 */
export function pow(a: Tensor | number, b: Tensor | number): Tensor {
  return typeof a !== 'number' && typeof b === 'number' ? powerOf(a, b) : power(a, b);
}

const powerOf = elementwise({
  name: 'pow',
  f: powerOfNumber,
  df: (x, _y, exponent) => (exponent === 0 ? 0 : exponent * powerOfNumber(x, exponent - 1)),
});

/** The power where both operands may vary. Saved: a, b and y. */
const power = defineOp({
  name: 'pow',
  forward(base: Tensor | number, exponent: Tensor | number) {
    const [a, b] = broadcastPair(base, exponent);
    const output = empty(a.shape, a.dtype);
    kernels.binary('pow', output.memoryView, a.memoryView, b.memoryView);
    return { output, saved: { a, b, y: output } };
  },
  backward: (dy, { a, b, y }, needs): Gradients => [
    needs[0] ? where(equal(b, 0), 0, mul(dy, mul(b, power(a, sub(b, 1))))) : null,
    needs[1] ? where(mul(equal(a, 0), greaterEqual(b, 0)), 0, mul(dy, mul(y, log(a)))) : null,
  ],
});
