import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { check, show, type Tensor, zeroed } from '../tensor/index.ts';

/** How windows lie along one axis. */
export interface WindowAxis {
  readonly axis: number;
  /** Number of elements that a window sees. */
  readonly size: number;
  /** Distance from one window to the next. */
  readonly stride: number;
  /** Distance from one element that a window sees to the next. */
  readonly dilation: number;
}

/**
 * Unfolds a tensor into its sliding windows: a view, in which an element stands once for each window that
 * sees it.
 *
 *   y[…, o, …, j] = x[…, o·stride + j·dilation, …]        dx[…, i, …] = Σ dy over all (o, j) that meet at i
 *
 * Shapes: each axis named becomes ⌊(length − (size − 1)·dilation − 1)/stride⌋ + 1 long, and in their order
 * the sizes of the windows stand as new axes before the last: images (B, H, W, C) give (B, H′, W′, kH, kW,
 * C). The sum of backward is taken window place by window place, so its order is always the same.
 */
export const unfold = defineOp({
  name: 'unfold',
  forward(x: Tensor, windows: readonly WindowAxis[]) {
    for (const { axis, size, stride, dilation } of windows) {
      check(
        [size, stride, dilation].every((value) => Number.isInteger(value) && value >= 1),
        'unfold',
        'size, stride and dilation of a window are whole numbers ≥ 1',
        () => `${size}, ${stride} and ${dilation}`,
      );
      check(
        (size - 1) * dilation < x.shape[axis]!,
        'unfold',
        'a window fits into its axis',
        () => `a window over ${(size - 1) * dilation + 1} elements of axis ${axis} of ${show(x.shape)}`,
        () => 'pad the input, or take a smaller kernel',
      );
    }
    return { output: viewOf(x, windows), saved: { shape: x.shape, windows } };
  },
  backward(dy, { shape, windows }) {
    const dx = zeroed(shape, dy.dtype);
    const view = viewOf(dx, windows);
    for (const place of placesOf(windows.map(({ size }) => size)))
      kernels.addTo(at(view, place).memoryView, at(dy, place).memoryView);
    return [dx, null];
  },
});

function viewOf(x: Tensor, windows: readonly WindowAxis[]): Tensor {
  const [shape, stride] = [[...x.shape], [...x.stride]];
  for (const window of windows) {
    shape[window.axis] =
      Math.floor((x.shape[window.axis]! - (window.size - 1) * window.dilation - 1) / window.stride) + 1;
    stride[window.axis] = x.stride[window.axis]! * window.stride;
  }
  const last = shape.length - 1;
  return x.strided(
    shape.toSpliced(last, 0, ...windows.map(({ size }) => size)),
    stride.toSpliced(last, 0, ...windows.map(({ axis, dilation }) => x.stride[axis]! * dilation)),
  );
}

/** The elements that all windows see at one place: a view without the axes of the windows. */
function at(windows: Tensor, place: readonly number[]): Tensor {
  const first = windows.rank - 1 - place.length;
  const without = (list: readonly number[]) => list.toSpliced(first, place.length);
  const offset = place.reduce((at, index, i) => at + index * windows.stride[first + i]!, windows.offset);
  return windows.strided(without(windows.shape), without(windows.stride), offset);
}

/** All places in a window, the last axis fastest. */
function placesOf(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (places, size) => places.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );
}
