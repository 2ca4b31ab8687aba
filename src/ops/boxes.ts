import { check, show, type Tensor } from '../tensor/index.ts';
import { abs } from './abs.ts';
import { add } from './add.ts';
import { clamp } from './clamp.ts';
import { concat } from './concat.ts';
import { div } from './div.ts';
import { maximum, minimum } from './maximum.ts';
import { mul } from './mul.ts';
import { select, slice } from './slice.ts';
import { sub } from './sub.ts';
import { sum } from './sum.ts';

/** From centres and sizes to corners: (…, cx, cy, w, h) → (…, x1, y1, x2, y2). */
export function boxCorners(boxes: Tensor): Tensor {
  const [centre, half] = halves('boxCorners', boxes, 0.5);
  return concat([sub(centre, half), add(centre, half)], -1);
}

/** From corners to centres and sizes: (…, x1, y1, x2, y2) → (…, cx, cy, w, h). */
export function boxCentres(corners: Tensor): Tensor {
  const [low, high] = halves('boxCentres', corners, 1);
  return concat([mul(add(low, high), 0.5), sub(high, low)], -1);
}

/**
 * The L1 distance of boxes, Σ |a − b| over the four numbers.
 *
 * Shapes: a and b (…, 4) broadcast; result (…). `boxL1(expandDims(a, 1), b)` is the table of all pairs.
 */
export function boxL1(a: Tensor, b: Tensor): Tensor {
  return sum(abs(sub(a, b)), -1);
}

/**
 * Intersection over union of boxes given by corners: |A ∩ B| / |A ∪ B|, in [0, 1].
 *
 * Shapes: a and b (…, 4) broadcast; result (…).
 */
export function boxIoU(a: Tensor, b: Tensor): Tensor {
  const { intersection, union } = overlap('boxIoU', a, b);
  return div(intersection, union);
}

/**
 * Generalised intersection over union, in [−1, 1]: IoU − |H \ (A ∪ B)| / |H|, where H is the smallest box
 * around both. Boxes that do not meet have a gradient, too: towards each other.
 *
 * Shapes: a and b (…, 4) broadcast, by corners; result (…).
 *
 * Rezatofighi et al., "Generalized Intersection over Union", arXiv:1902.09630
 */
export function generalizedIoU(a: Tensor, b: Tensor): Tensor {
  const { intersection, union } = overlap('generalizedIoU', a, b);
  const [[aLow, aHigh], [bLow, bHigh]] = [halves('generalizedIoU', a, 1), halves('generalizedIoU', b, 1)];
  const hull = area(sub(maximum(aHigh, bHigh), minimum(aLow, bLow)));
  return sub(div(intersection, union), div(sub(hull, union), hull));
}

function overlap(where: string, a: Tensor, b: Tensor): { intersection: Tensor; union: Tensor } {
  const [[aLow, aHigh], [bLow, bHigh]] = [halves(where, a, 1), halves(where, b, 1)];
  const intersection = area(clamp(sub(minimum(aHigh, bHigh), maximum(aLow, bLow)), { min: 0 }));
  const union = sub(add(area(sub(aHigh, aLow)), area(sub(bHigh, bLow))), intersection);
  return { intersection, union };
}

/** width · height */
const area = (size: Tensor): Tensor => mul(select(size, -1, 0), select(size, -1, 1));

/** The first two numbers of each box, and the last two times `factor`. */
function halves(where: string, boxes: Tensor, factor: number): [Tensor, Tensor] {
  check(boxes.rank >= 1 && boxes.shape.at(-1) === 4, where, 'a box is four numbers, (…, 4)', () =>
    show(boxes.shape),
  );
  const last = slice(boxes, { axis: -1, start: 2 });
  return [slice(boxes, { axis: -1, end: 2 }), factor === 1 ? last : mul(last, factor)];
}
