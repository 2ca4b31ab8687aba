import type { Kernels } from '../contract.ts';
import * as js from '../js/index.ts';

/** A matrix product of the overlay, compared with the reference: the name of what is wrong, or null. */
export function failedCheck({ matmul }: Partial<Kernels>): string | null {
  const [m, n, k] = [13, 11, 17];
  const numbers = (length: number, step: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(step * i + 1));
  const [a, b, bias] = [numbers(m * k, 0.7), numbers(k * n, 1.3), numbers(n, 0.3)];
  const [got, expected] = [new Float32Array(m * n), new Float32Array(m * n)];
  try {
    matmul?.(got, a, b, bias, { m, n, k, transposeB: true });
  } catch (error) {
    return `matmul (${(error as Error).message})`;
  }
  js.matmul(expected, a, b, bias, { m, n, k, transposeB: true });
  return got.every((value, i) => Math.abs(value - expected[i]!) < 1e-4) ? null : 'matmul';
}
