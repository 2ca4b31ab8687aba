import { check, matmul, type Tensor, tensor } from 'scratchformer';
import { expectClose, expectGradients, normal } from '../support/compare.ts';
import type { Check } from '../support/lessons.ts';

interface Answer {
  matmul(a: Tensor, b: Tensor): Tensor;
}

export default {
  shipped: { matmul },
  steps: {
    'the gradients have the shapes of their matrices'({ matmul }) {
      const [a, b] = [normal(2, 3), normal(3, 5)];
      a.requiresGrad = b.requiresGrad = true;
      matmul(a, b).sum().backward();
      const hint = (fits: string) => () => `dY is (2, 5), A (2, 3), B (3, 5): only ${fits} fits`;
      for (const [name, x, fits] of [
        ['A', a, 'dY·Bᵀ'],
        ['B', b, 'Aᵀ·dY'],
      ] as const)
        check(x.grad !== null, `the gradient of ${name}`, 'it is there', () => 'none', hint(fits));
    },
    'the gradients of a small product are those done by hand'({ matmul }) {
      const make = (...rows: number[][]) => tensor(rows, { dtype: 'float64' });
      const [a, b] = [make([1, 2], [3, 4]), make([5, 6], [7, 8])];
      a.requiresGrad = b.requiresGrad = true;
      matmul(a, b).backward(make([1, 0], [0, 0])); // only the first number of Y counts
      expectClose(
        'dA',
        a.grad,
        make([5, 7], [0, 0]),
        'y₀₀ = a₀₀b₀₀ + a₀₁b₁₀, so dA = dY·Bᵀ: which is transposed?',
      );
      expectClose(
        'dB',
        b.grad,
        make([1, 0], [2, 0]),
        'y₀₀ = a₀₀b₀₀ + a₀₁b₁₀, so dB = Aᵀ·dY: which is transposed?',
      );
    },
    'gradcheck passes for long and for square matrices'({ matmul }) {
      const hints = { A: 'dA = dY·Bᵀ', B: 'dB = Aᵀ·dY' };
      expectGradients(matmul, [normal(2, 3), normal(3, 5)], hints);
      expectGradients(matmul, [normal(3, 3), normal(3, 3)], hints);
    },
  },
} satisfies Check<Answer>;
