import { kernels } from '../src/kernels/index.ts';
import type { Memory } from '../src/tensor/index.ts';
import { withTemporaries } from './state.ts';

/** The options of `orthogonalize`. */
export interface NewtonSchulzOptions {
  /** Coefficients a, b and c of the polynomial. */
  readonly nsCoefficients: readonly [number, number, number];
  /** Number of iterations. */
  readonly nsSteps: number;
  /** Least norm ε that the matrix is divided by. */
  readonly eps: number;
}

/**
 * Replaces a matrix X = U·S·Vᵀ by about U·Vᵀ, whose singular values are all 1, with matrix products alone.
 *
 *   X ← X/max(‖X‖, ε)                          ‖X‖ = √Σx²; no singular value is above 1 from here on
 *   X ← (aI + bA + cA²)·X,  A = X·Xᵀ           `nsSteps` times; a singular value s becomes as + bs³ + cs⁵
 *
 * A is symmetric, so X·(aI + bA + cA²) with A = Xᵀ·X is the same; the smaller of the two A is taken. With
 * Muon's coefficients small values grow by 3.4 in each iteration, and after five all that were above 0.002
 * lie between 0.68 and 1.21. They never come to 1: the slope at 0 was bought with convergence.
 *
 * @param X a matrix (rows, columns), changed in place
 *
 * Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024;
 * Higham, "Functions of Matrices", 2008, chapter 8
 */
export function orthogonalize(
  X: Memory,
  [rows, columns]: readonly [rows: number, columns: number],
  { nsCoefficients: [a, b, c], nsSteps, eps }: NewtonSchulzOptions,
): void {
  const tall = rows > columns;
  const n = Math.min(rows, columns);
  const square = { m: n, n, k: n };
  const outer = { m: n, n, k: Math.max(rows, columns), transposeA: tall, transposeB: !tall };
  const whole = { m: rows, n: columns, k: n };
  kernels.scale(X, 1 / Math.max(Math.sqrt(kernels.sumSquares([X])), eps));
  withTemporaries(X, [n * n, n * n, X.length], (A, P, next) => {
    for (let i = 0; i < nsSteps; i++) {
      kernels.matmul(A, X, X, null, outer);
      kernels.matmul(P, A, A, null, square);
      kernels.polynomial(P, A, n, a, b, c);
      kernels.matmul(next, tall ? X : P, tall ? P : X, null, whole);
      kernels.blend(X, next, null, 1, 0);
    }
  });
}
