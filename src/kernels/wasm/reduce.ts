import type { FloatArray, TypedArray } from '../../tensor/index.ts';
import * as plain from '../js/reduce.ts';
import { compiled, isFloat32 } from './call.ts';
import { withScratch } from './memory.ts';

const wasm = compiled({ sumRows: 5, sumColumns: 6, sumSquares: 5 });

export function sum(out: TypedArray, x: TypedArray, outer: number, length: number, inner: number): void {
  if (!isFloat32(x) || !isFloat32(out)) return plain.sum(out, x, outer, length, inner);
  const work = 2 * outer * length * inner;
  if (inner === 1) wasm.sumRows({ total: outer, work }, [out], [x], [length]);
  else wasm.sumColumns({ total: outer * Math.ceil(inner / 4), grain: 4, work }, [out], [x], [length, inner]);
}

/** Numbers in one partial sum. */
const BLOCK = 4096;

/** Blocks of fixed size are added in order, whoever summed them. */
export function sumSquares(x: FloatArray): number {
  if (!isFloat32(x)) return plain.sumSquares(x);
  const blocks = Math.ceil(x.length / BLOCK);
  return withScratch(2 * blocks, (scratch) => {
    const partial = new Float64Array(scratch.buffer, scratch.byteOffset, blocks);
    wasm.sumSquares({ total: blocks, work: 2 * x.length }, [scratch], [x], [x.length]);
    let total = 0;
    for (const part of partial) total += part;
    return total;
  });
}
