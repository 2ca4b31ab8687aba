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

/** Pieces of fixed size are added in order, whoever summed them: those of an array, then the arrays. */
export const sumSquares: CpuKernels['sumSquares'] = (arrays) => {
  if (!arrays.every(isFloat32)) return reference.sumSquares(arrays);
  const lengths = arrays.map(({ length }) => length);
  const counts = lengths.map((length) => Math.ceil(length / PIECE));
  const count = sumOf(counts);
  return withScratch(4 * count, ({ buffer, byteOffset }) => {
    const partial = new Float64Array(buffer, byteOffset, count);
    const pieces = new Int32Array(buffer, byteOffset + 8 * count, 2 * count);
    withAddresses(arrays, (addresses) => {
      let next = 0;
      for (let i = 0; i < arrays.length; i++) next = cut(addresses[i]!, lengths[i]!, pieces, next);
      wasm.sumSquares({ total: count, work: 2 * sumOf(lengths) }, [partial], [pieces], []);
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

const sumOf = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** Writes the address and the length of each piece, from place `next` on; returns the place after them. */
function cut(address: number, length: number, pieces: Int32Array, next: number): number {
  for (let from = 0; from < length; from += PIECE) {
    pieces[next++] = address + 4 * from;
    pieces[next++] = Math.min(PIECE, length - from);
  }
  return next;
}
