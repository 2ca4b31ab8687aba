import { backward, check, square, type Tensor, tensor } from 'scratchformer';
import { directionalDerivative } from '../../../src/autograd/gradcheck.ts';
import type { Check } from '../support/check.ts';
import { expectClose, expectGradients, expectNumbers, normal } from '../support/compare.ts';

interface Answer {
  slope(f: (x: number) => number, x: number, eps: number): number;
  square(x: Tensor): Tensor;
}

/** The library measures along a direction in a tensor; here there is one number, and so one direction. */
function shippedSlope(f: (x: number) => number, x: number, eps: number): number {
  const at = tensor([x], { dtype: 'float64' });
  const y = () => tensor([f(at.data[0]!)], { dtype: 'float64' });
  return directionalDerivative(y, at, () => 1, eps)[0]!;
}

export default {
  shipped: { slope: shippedSlope, square },
  steps: {
    'a line has the same slope everywhere'({ slope }) {
      const hint = 'divide the difference by the distance of the two points, 2·eps';
      expectNumbers(
        'slope',
        slope((x) => 3 * x + 1, 0.7, 1e-3),
        [3],
        hint,
      );
    },
    'the error of a slope falls with eps²'({ slope }) {
      const error = (eps: number) => Math.abs(slope(Math.exp, 0, eps) - 1);
      check(
        error(1e-2) < 1e-4 && error(1e-3) < 1e-6,
        'slope',
        'for eˣ at 0, an eps of 0.001 is off by less than a millionth',
        () => error(1e-3).toExponential(1),
        () => 'ask f on both sides of x: f(x + eps) and f(x − eps)',
      );
    },
    'the backward of x² is its derivative'({ square }) {
      expectGradients(square, [normal(2, 3)], {
        x: 'the chain rule: dx = dy · 2x, what comes from above times the slope here',
      });
    },
    'a chain of squares multiplies the slopes'({ square }) {
      const x = tensor([2], { dtype: 'float64', requiresGrad: true });
      backward(square(square(x)));
      expectClose(
        'd(x²)²/dx at 2',
        x.grad,
        tensor([32], { dtype: 'float64' }),
        'it is 4x³, if dy is in your dx',
      );
    },
  },
} satisfies Check<Answer>;
