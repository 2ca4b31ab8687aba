import type { Memory } from '../../../tensor/index.ts';
import type { Kernels, MatmulSizes } from '../../contract.ts';
import { flat, run } from '../kernel.ts';
import { joined, large, small } from '../matmulText.ts';
import { currentDevice, withTemporary } from '../numbers.ts';
import { forFloat32, onProcessor } from '../overlay.ts';

/** Groups of threads that keep a GPU busy, and the least k of a piece. */
const [BUSY, PIECE] = [128, 256];
const MOST_GROUPS = 65535;

export const matmul: Kernels['matmul'] = forFloat32('matmul', (c, a, b, bias, sizes) => {
  const { batch = 1, m, n, k, strideA = m * k, strideB = k * n } = sizes;
  const tilesOf = (side: number) => [Math.ceil(n / side), Math.ceil(m / side)] as const;
  const count = ([x, y]: readonly [number, number]) => x * y * batch;
  const isLarge = !currentDevice().adapter.software && count(tilesOf(128)) >= BUSY;
  const groups = tilesOf(isLarge ? 128 : 64);
  if (Math.max(...groups, batch) > MOST_GROUPS) return onProcessor('matmul')(c, a, b, bias, sizes);
  const pieces = batch > 1 ? 1 : Math.min(Math.ceil(k / PIECE), Math.ceil(BUSY / Math.max(1, count(groups))));
  const product = (
    into: Memory,
    z: number,
    chunk: number,
    next: readonly number[],
    ends: readonly number[],
  ) =>
    run(
      isLarge ? large : small,
      [into],
      [a, b, bias],
      [m, n, k, ...flagsOf(sizes), ...next, chunk, ...ends],
      [...groups, z],
    );
  const ends = [Number(bias !== null), Number(sizes.accumulate ?? false)];
  if (pieces < 2) return product(c, batch, 0, [strideA, strideB], ends);
  const chunk = Math.ceil(k / pieces / PIECE) * PIECE;
  const used = Math.ceil(k / chunk);
  withTemporary(used * m * n, (parts) => {
    product(parts, used, chunk, [0, 0], [0, 0]);
    run(joined, [c], [parts, bias], [m * n, n, used, ...ends], flat(m * n, 256));
  });
});

const flagsOf = ({ transposeA = false, transposeB = false }: MatmulSizes) => [
  Number(transposeA),
  Number(transposeB),
];
