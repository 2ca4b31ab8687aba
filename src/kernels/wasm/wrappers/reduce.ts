import type { CpuKernels } from '../../contract.ts';
import { compiled, isFloat32, withAddresses } from '../call.ts';
import { forFloat32, reference } from '../forFloat32.ts';
import { withScratch } from '../memory.ts';

const wasm = compiled({ sumRows: 5, sumColumns: 6, sumSquares: 4 });

export const sum = forFloat32('sum', (out, x, outer, length, inner) => {
  if (!isFloat32(x)) return reference.sum(out, x, outer, length, inner);
  const work = 2 * outer * length * inner;
  if (inner === 1) wasm.sumRows({ total: outer, work }, [out], [x], [length]);
  else wasm.sumColumns({ total: outer * Math.ceil(inner / 4), grain: 4, work }, [out], [x], [length, inner]);
});

/** Numbers in one piece of an array. */
const PIECE = 4096;

/** Pieces of fixed size are added in order, whoever summed them: first those of each array, then the arrays. */
export const sumSquares: CpuKernels['sumSquares'] = (arrays) => {
  if (!arrays.every(isFloat32)) return reference.sumSquares(arrays);
  const counts = arrays.map(({ length }) => Math.ceil(length / PIECE));
  const count = counts.reduce((total, ofOne) => total + ofOne, 0);
  return withScratch(4 * count, ({ buffer, byteOffset }) => {
    const partial = new Float64Array(buffer, byteOffset, count);
    const pieces = new Int32Array(buffer, byteOffset + 8 * count, 2 * count);
    withAddresses(arrays, (addresses) => {
      let next = 0;
      for (let i = 0; i < arrays.length; i++) next = cut(addresses[i]!, arrays[i]!.length, pieces, next);
      wasm.sumSquares({ total: count, work: 2 * PIECE * count }, [partial], [pieces], []);
    });
    let total = 0;
    let next = 0;
    for (const ofOne of counts) {
      let sum = 0;
      for (let i = 0; i < ofOne; i++) sum += partial[next++]!;
      total += sum;
    }
    return total;
  });
};

/** Writes the address and the length of each piece of an array, from place `next` on; returns the next place. */
function cut(address: number, length: number, pieces: Int32Array, next: number): number {
  for (let from = 0; from < length; from += PIECE) {
    pieces[next++] = address + 4 * from;
    pieces[next++] = Math.min(PIECE, length - from);
  }
  return next;
}
