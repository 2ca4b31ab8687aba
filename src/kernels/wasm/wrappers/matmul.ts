import type { TypedArray } from '../../../tensor/index.ts';
import type { CpuKernels } from '../../contract.ts';
import { call, compiled, computed, currentThreads } from '../call.ts';
import { forFloat32 } from '../forFloat32.ts';
import { withScratch } from '../memory.ts';

const wasm = compiled({ matmulDots: 10, packColumns: 8, matmulRows: 13 });
const { panelColumns, tileRows } = computed({ panelColumns: 0, tileRows: 0 });

export const matmul = forFloat32('matmul', (c, a, b, bias, sizes) => {
  const { m, k, transposeA, transposeB } = sizes;
  if (currentThreads().exports.has('gemmRows') && k > 0) gemm(c, a, b, bias, sizes);
  else if (m < 4 && transposeB && !transposeA) dots(c, a, b, bias, sizes);
  else packedMatmul(c, a, b, bias, sizes);
});

/** Packs B, then computes rows of C. */
const packedMatmul: CpuKernels['matmul'] = (c, a, b, bias, sizes) => {
  const { batch = 1, m, n, k, transposeA = false, transposeB = false, accumulate = false } = sizes;
  const { strideA = m * k, strideB = k * n } = sizes;
  const columns = panelColumns();
  const panels = Math.ceil(n / columns);
  const size = columns * panels * k;
  const matrices = strideB === 0 ? 1 : batch;
  withScratch(matrices * size, (scratch) => {
    const packing = { total: matrices * panels, work: matrices * n * k };
    wasm.packColumns(packing, [scratch], [b], [n, k, Number(transposeB), strideB]);
    const product = { total: batch * Math.ceil(m / tileRows()), work: batch * m * n * k };
    const flags = [Number(transposeA), Number(accumulate)];
    const next = [strideA, strideB === 0 ? 0 : size];
    wasm.matmulRows(product, [c], [a, scratch, bias], [m, n, k, ...flags, ...next]);
  });
};

/** Few rows, as in generation, where packing B would cost more than it saves: it is read where it lies. */
const dots: CpuKernels['matmul'] = (c, a, b, bias, sizes) => {
  const { batch = 1, m, n, k, accumulate = false, strideA = m * k, strideB = k * n } = sizes;
  const part = (array: TypedArray, from: number, length: number) =>
    batch === 1 ? array : array.subarray(from, from + length);
  for (let i = 0; i < batch; i++) {
    const [C, A, B] = [part(c, i * m * n, m * n), part(a, i * strideA, m * k), part(b, i * strideB, k * n)];
    wasm.matmulDots(
      { total: n, grain: 4, work: m * n * k },
      [C],
      [A, B, bias],
      [m, n, k, Number(accumulate)],
    );
  }
};

/** The matrix products by a BLAS: each thread calls it for its rows of a product, or for its products of many. */
const gemm: CpuKernels['matmul'] = (c, a, b, bias, sizes) => {
  const { batch = 1, m, n, k, transposeA = false, transposeB = false, accumulate = false } = sizes;
  const { strideA = m * k, strideB = k * n } = sizes;
  const grain = batch === 1 ? 4 : m;
  const split = { total: batch * m, grain, work: batch * m * n * k, sharesMatter: true };
  const flags = [transposeA, transposeB, accumulate].map(Number);
  call('gemmRows', split, [c], [a, b, bias], [m, n, k, ...flags, strideA, strideB]);
};
