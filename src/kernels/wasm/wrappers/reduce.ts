import type { CpuKernels } from '../../contract.ts';
import { compiled, isFloat32 } from '../call.ts';
import { forFloat32, reference } from '../forFloat32.ts';
import { withScratch } from '../memory.ts';

const wasm = compiled({ sumRows: 5, sumColumns: 6, sumSquares: 5 });

export const sum = forFloat32('sum', (out, x, outer, length, inner) => {
  if (!isFloat32(x)) return reference.sum(out, x, outer, length, inner);
  const work = 2 * outer * length * inner;
  if (inner === 1) wasm.sumRows({ total: outer, work }, [out], [x], [length]);
  else wasm.sumColumns({ total: outer * Math.ceil(inner / 4), grain: 4, work }, [out], [x], [length, inner]);
});

/** Numbers in one partial sum. */
const BLOCK = 4096;

/** Blocks of fixed size are added in order, whoever summed them. */
export const sumSquares: CpuKernels['sumSquares'] = (x) => {
  if (!isFloat32(x)) return reference.sumSquares(x);
  const blocks = Math.ceil(x.length / BLOCK);
  return withScratch(2 * blocks, (scratch) => {
    const partial = new Float64Array(scratch.buffer, scratch.byteOffset, blocks);
    wasm.sumSquares({ total: blocks, work: 2 * x.length }, [scratch], [x], [x.length]);
    let total = 0;
    for (const part of partial) total += part;
    return total;
  });
};
