import type { TypedArray } from '../../../tensor/index.ts';
import type { CpuKernels, MatmulSizes } from '../../contract.ts';
import { call, compiled, currentThreads } from '../call.ts';
import { forFloat32 } from '../forFloat32.ts';
import { withScratch } from '../memory.ts';

const wasm = compiled({ matmulDots: 10, packColumns: 7, matmulRows: 11 });

export const matmul = forFloat32('matmul', (c, a, b, bias, sizes) => {
  if (currentThreads().exports.has('gemmRows') && sizes.k > 0) gemm(c, a, b, bias, sizes);
  else packedMatmul(c, a, b, bias, sizes);
});

/** Packs B, then computes rows of C; for few rows, as in generation, B is read where it lies. */
const packedMatmul: CpuKernels['matmul'] = (c, a, b, bias, sizes) => {
  const { batch = 1, m, n, k, transposeA = false, transposeB = false, accumulate = false } = sizes;
  const { strideB = k * n } = sizes;
  if (m < 4 && transposeB && !transposeA) {
    for (let i = 0; i < batch; i++) {
      const [C, A, B] = matricesOf(i, c, a, b, sizes);
      wasm.matmulDots(
        { total: n, grain: 4, work: m * n * k },
        [C],
        [A, B, bias],
        [m, n, k, Number(accumulate)],
      );
    }
    return;
  }
  const flags = [Number(transposeA), Number(accumulate)];
  withScratch(Math.ceil(n / 8) * 8 * k, (panels) => {
    for (let i = 0; i < batch; i++) {
      const [C, A, B] = matricesOf(i, c, a, b, sizes);
      if (i === 0 || strideB !== 0) {
        wasm.packColumns({ total: n, grain: 8, work: n * k }, [panels], [B], [k, n, Number(transposeB)]);
      }
      wasm.matmulRows({ total: m, grain: 4, work: m * n * k }, [C], [A, panels, bias], [m, n, k, ...flags]);
    }
  });
};

/** The matrix product by a BLAS. */
const gemm: CpuKernels['matmul'] = (c, a, b, bias, sizes) => {
  const { batch = 1, m, n, k, transposeA = false, transposeB = false, accumulate = false } = sizes;
  const flags = [transposeA, transposeB, accumulate].map(Number);
  for (let i = 0; i < batch; i++) {
    const [C, A, B] = matricesOf(i, c, a, b, sizes);
    call(
      'gemmRows',
      { total: m, grain: 4, work: m * n * k, sharesMatter: true },
      [C],
      [A, B, bias],
      [m, n, k, ...flags],
    );
  }
};

/** The i-th matrices of a batch. */
function matricesOf(
  i: number,
  c: TypedArray,
  a: TypedArray,
  b: TypedArray,
  { batch = 1, m, n, k, ...sizes }: MatmulSizes,
) {
  if (batch === 1) return [c, a, b] as const;
  const { strideA = m * k, strideB = k * n } = sizes;
  const part = (array: TypedArray, from: number, length: number) => array.subarray(from, from + length);
  return [part(c, i * m * n, m * n), part(a, i * strideA, m * k), part(b, i * strideB, k * n)] as const;
}
