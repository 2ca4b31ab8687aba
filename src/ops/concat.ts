import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { check, display, empty, resolveAxis, show, Tensor } from '../tensor/index.ts';
import { expandDims } from './expandDims.ts';
import { checkSameDtype } from './operands.ts';
import { split } from './slice.ts';

/**
 * Joins tensors one after the other along an axis; the other axes agree.
 *
 *   y = [x₁ x₂ …]        dxᵢ = the part of dy where xᵢ went
 */
export const concat = defineOp({
  name: 'concat',
  forward(tensors: readonly Tensor[], axis: number = 0) {
    checkTensors('concat', tensors);
    const [first] = tensors;
    check(first !== undefined, 'concat', 'there is at least one tensor', () => 'none');
    const along = resolveAxis('concat', axis, first.rank);
    check(
      tensors.every(
        (x) => x.rank === first.rank && x.shape.every((d, i) => i === along || d === first.shape[i]),
      ),
      'concat',
      `shapes agree on every axis but axis ${axis}`,
      () => tensors.map((x) => show(x.shape)).join(', '),
    );
    checkSameDtype(tensors);
    const sizes = tensors.map((x) => x.shape[along]!);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const output = empty(first.shape.with(along, total), first.dtype);
    split(output, sizes, along).forEach((part, i) => {
      kernels.copy(part.memoryView, tensors[i]!.memoryView);
    });
    return { output, saved: { sizes, along } };
  },
  backward: (dy, { sizes, along }) => [split(dy, sizes, along)],
});

/** Joins tensors of one shape along a new axis: n of shape (a, b) become (n, a, b). */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  checkTensors('stack', tensors);
  check(
    tensors.every((x) => show(x.shape) === show(tensors[0]!.shape)),
    'stack',
    'tensors have one shape',
    () => tensors.map((x) => show(x.shape)).join(', '),
  );
  return concat(
    tensors.map((x) => expandDims(x, axis)),
    axis,
  );
}

function checkTensors(where: string, tensors: readonly Tensor[]): void {
  check(
    Array.isArray(tensors) && tensors.every((x) => x instanceof Tensor),
    where,
    'the first argument is one list of tensors',
    () => display(tensors),
    () => `write ${where}([a, b])`,
  );
}
