import { check, type FloatArray, randomStream } from 'scratchformer';
import { matmul } from '../../../src/kernels/js/matmul.ts';
import type { Sizes } from '../blanks/12-make-it-fast.ts';
import type { Check } from '../support/check.ts';
import { expectNumbers } from '../support/compare.ts';

interface Answer {
  matmul(c: FloatArray, a: FloatArray, b: FloatArray, sizes: Sizes): void;
}

function plain(c: FloatArray, a: FloatArray, b: FloatArray, { m, n, k }: Sizes): void {
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[p * n + j]!;
      c[i * n + j] = sum;
    }
}

function factors({ m, n, k }: Sizes): [a: Float64Array, b: Float64Array] {
  const random = randomStream('factors');
  const fill = (length: number) => Float64Array.from({ length }, () => random() - 0.5);
  return [fill(m * k), fill(k * n)];
}

/** The array, and how many of its numbers were read. */
function counted(array: Float64Array): { array: Float64Array; reads(): number } {
  let reads = 0;
  const get = (target: Float64Array, key: string | symbol) => {
    if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
    const value: unknown = Reflect.get(target, key, target);
    return typeof value === 'function' ? value.bind(target) : value;
  };
  return { array: new Proxy(array, { get }), reads: () => reads };
}

/** Times as fast as the three loops. */
function speedup({ matmul }: Answer): number {
  const sizes = { m: 128, n: 256, k: 128 };
  const [a, b] = factors(sizes).map((factor) => Float32Array.from(factor)) as [Float32Array, Float32Array];
  const c = new Float32Array(sizes.m * sizes.n);
  const time = (product: Answer['matmul']) => {
    product(c, a, b, sizes); // warm
    const start = performance.now();
    for (let i = 0; i < 3; i++) product(c, a, b, sizes);
    return performance.now() - start;
  };
  return time(plain) / time(matmul);
}

export default {
  shipped: { matmul: (c, a, b, sizes) => matmul(c, a, b, null, sizes) },
  steps: {
    'the product is right, at sizes that fill no block too'({ matmul }) {
      for (const [m, n, k] of [
        [4, 4, 4],
        [1, 1, 1],
        [8, 12, 5],
        [5, 7, 3],
        [2, 9, 6],
      ] as const) {
        const sizes = { m, n, k };
        const [a, b] = factors(sizes);
        const [c, expected] = [new Float64Array(m * n).fill(9), new Float64Array(m * n)];
        matmul(c, a, b, sizes);
        plain(expected, a, b, sizes);
        expectNumbers(
          `C with m ${m}, n ${n}, k ${k}`,
          c,
          expected,
          'a block at the edge is smaller than the others; C is set, not added to',
        );
      }
    },
    'each number that is loaded is used at least three times'({ matmul }) {
      const sizes = { m: 12, n: 12, k: 16 };
      const [a, b] = factors(sizes).map(counted) as [ReturnType<typeof counted>, ReturnType<typeof counted>];
      matmul(new Float64Array(144), a.array, b.array, sizes);
      const [reads, products] = [a.reads() + b.reads(), 12 * 12 * 16];
      const got = () => `${reads} loads from A and B for ${products} multiplications`;
      check(
        reads <= (2 * products) / 3,
        'matmul',
        `at most ${(2 * products) / 3} loads`,
        got,
        () =>
          'for each p, load 4 numbers of A and 4 of B, and add their 16 products to 16 sums; the three loops load 2 for each product',
      );
      return `on this machine, ${speedup({ matmul }).toFixed(1)} times as fast as the three loops`;
    },
  },
} satisfies Check<Answer>;
