/** Where a number stands, in numbers and in words. */
import type { Picture, PicturedTensor } from '../engine/picture.ts';

/** The index along each axis. */
export function positionOf(shape: readonly number[], index: number): number[] {
  let rest = index;
  return shape
    .toReversed()
    .map((length) => {
      const at = rest % length;
      rest = Math.floor(rest / length);
      return at;
    })
    .reverse();
}

/** The position of a result in the text, with what the model reads there; nothing for a parameter. */
export function whereabouts({ read }: Picture, { kind, shape }: PicturedTensor, index: number): string {
  const position = positionOf(shape, index);
  const words = (t: number) => `${t} (“${read[t]}”)`;
  if (kind === 'attention weights')
    return `head ${position[1]}: position ${words(position[2]!)} reads position ${words(position[3]!)}`;
  const axis = shape.lastIndexOf(read.length, Math.max(0, shape.length - 2));
  return kind === 'parameter' || axis < 0 || shape.length < 2 ? '' : `at position ${words(position[axis]!)}`;
}
