import { matmul, type Tensor, tensor } from 'scratchformer';
import type { Check } from '../support/check.ts';
import { expectClose, expectGradients, normal } from '../support/compare.ts';

interface Answer {
  matmul(a: Tensor, b: Tensor): Tensor;
}

export default {
  shipped: { matmul },
  steps: {
    'gradcheck passes for long matrices'({ matmul }) {
      const fits = (product: string) =>
        `dY is (2, 5), A (2, 3), B (3, 5): the shapes fit in ${product} alone`;
      const hints = { A: fits('dY·Bᵀ'), B: fits('Aᵀ·dY') };
      expectGradients(matmul, [normal(2, 3), normal(3, 5)], hints);
    },
    'the gradients of a small product are those done by hand'({ matmul }) {
      const make = (...rows: number[][]) => tensor(rows, { dtype: 'float64' });
      const [a, b] = [make([1, 2], [3, 4]), make([5, 6], [7, 8])];
      a.requiresGrad = b.requiresGrad = true;
      matmul(a, b).backward(make([1, 0], [0, 0])); // only the first number of Y counts
      expectClose('dA', a.grad, make([5, 7], [0, 0]), 'y₀₀ = a₀₀b₀₀ + a₀₁b₁₀, so dA = dY·Bᵀ');
      expectClose('dB', b.grad, make([1, 0], [2, 0]), 'y₀₀ = a₀₀b₀₀ + a₀₁b₁₀, so dB = Aᵀ·dY');
    },
  },
} satisfies Check<Answer>;
