import { check, resolveAxes, type Shape, show, sizeOf } from '../../tensor/index.ts';

/** The number of elements that each result is made of; zero is an error. */
export function reducedCount(
  name: string,
  shape: Shape,
  axes: number | readonly number[] | undefined,
): number {
  const count = sizeOf(resolveAxes(name, axes, shape.length).map((axis) => shape[axis]!));
  check(
    count > 0,
    name,
    'at least one element is reduced',
    () => `shape ${show(shape)}, axes ${axes === undefined ? 'all' : `[${axes}]`}`,
  );
  return count;
}
