import { sizeOf, type View } from '../../tensor/index.ts';

type Strided = Pick<View, 'shape' | 'stride'>;

/** One axis of an index space that several views share: its length, and the stride of each view along it. */
export interface Axis {
  readonly length: number;
  readonly strides: readonly number[];
}

/**
 * The common index space of an output and its operands, in the order in which the output lies in memory, with
 * axes merged that are one run for every view: packed views of any rank have a single axis. Null if a view
 * runs backwards, or elements of the output share a place.
 */
export function mergedAxes(views: readonly Strided[], size = sizeOf(views[0]!.shape)): Axis[] | null {
  const [out] = views as [Strided];
  if (views.every(isPacked)) return [{ length: size, strides: views.map(() => 1) }];
  const axes = out.shape
    .map((length, axis): Axis => ({ length, strides: views.map(({ stride }) => stride[axis]!) }))
    .filter(({ length }) => length !== 1)
    .sort((a, b) => b.strides[0]! - a.strides[0]!);
  if (axes.some(({ strides }) => strides[0]! < 1 || strides.some((stride) => stride < 0))) return null;
  const merged: Axis[] = [];
  for (const axis of axes) {
    const outer = merged.at(-1);
    const isRun = outer?.strides.every((stride, i) => stride === axis.strides[i]! * axis.length);
    if (outer && isRun)
      merged[merged.length - 1] = { length: outer.length * axis.length, strides: axis.strides };
    else merged.push(axis);
  }
  return merged.length > 0 ? merged : [{ length: 1, strides: views.map(() => 1) }];
}

function isPacked({ shape, stride }: Strided): boolean {
  let run = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (stride[axis] !== run && shape[axis] !== 1) return false;
    run *= shape[axis]!;
  }
  return true;
}
