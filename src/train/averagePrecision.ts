import { check, checkFinite, withDefaults } from '../tensor/index.ts';

/** A box by its centre and its size. */
type Box = readonly [cx: number, cy: number, width: number, height: number];

/** A box that was found in an image, with how sure its label is. */
export interface FoundBox {
  readonly label: number;
  readonly score: number;
  readonly box: Box;
}

/** The boxes that an image has, and their classes. */
export interface TrueBoxes {
  readonly classes: readonly number[];
  readonly boxes: readonly Box[];
}

/** The options of `averagePrecision`. */
export interface AveragePrecisionOptions {
  /** Intersection over union from which on a box counts as found. Default 0.5. */
  readonly iou?: number;
}

/**
 * The mean over classes of the average precision, the measure of detectors: AP50 by default. For one class
 * all boxes found in all images are taken from the most certain on; each is right if it meets, by IoU, an
 * object of its class and its image that no box before it has taken (of several, the one it meets best). With
 * p and r the precision and the recall of the first i boxes,
 *
 *   AP = Σᵢ (rᵢ − rᵢ₋₁)·max over j ≥ i of pⱼ        all-point interpolation
 *
 * Classes without an object count for nothing.
 *
 * Everingham et al., "The PASCAL Visual Object Classes Challenge: A Retrospective", 2015; boxes are matched
 * as in COCO
 */
export function averagePrecision(
  found: readonly (readonly FoundBox[])[],
  images: readonly TrueBoxes[],
  options: AveragePrecisionOptions = {},
): number {
  const where = 'averagePrecision';
  const { iou } = withDefaults<Required<AveragePrecisionOptions>>(where, options, { iou: 0.5 });
  checkFinite(where, { iou }, 0);
  check(
    found.length === images.length,
    where,
    'there is a list of boxes found for each image',
    () => `${found.length} lists and ${images.length} images`,
  );
  const labels = new Set(images.flatMap(({ classes }) => classes));
  check(labels.size > 0, where, 'the images have objects', () => 'none');
  const each = [...labels].map((label) => ofClass(label, found, images, iou));
  return each.reduce((total, ap) => total + ap, 0) / labels.size;
}

function ofClass(
  label: number,
  found: readonly (readonly FoundBox[])[],
  images: readonly TrueBoxes[],
  iou: number,
): number {
  const open = images.map(({ classes, boxes }) => boxes.filter((_, i) => classes[i] === label));
  const objects = open.reduce((total, boxes) => total + boxes.length, 0);
  const ranked = found
    .flatMap((boxes, image) => boxes.filter((one) => one.label === label).map((one) => ({ ...one, image })))
    .sort((a, b) => b.score - a.score);
  const right = ranked.map(({ box, image }) => takeBest(open[image]!, box, iou));
  let hits = right.filter(Boolean).length;
  let [area, precision] = [0, 0];
  for (let i = right.length - 1; i >= 0; i--) {
    precision = Math.max(precision, hits / (i + 1));
    if (!right[i]) continue;
    area += precision / objects;
    hits--;
  }
  return area;
}

/** Takes the box that meets this one best out of those that are open, if it meets it well enough. */
function takeBest(open: Box[], box: Box, iou: number): boolean {
  const overlaps = open.map((other) => intersectionOverUnion(box, other));
  const best = overlaps.indexOf(Math.max(...overlaps));
  if (best === -1 || overlaps[best]! < iou) return false;
  open.splice(best, 1);
  return true;
}

function intersectionOverUnion(a: Box, b: Box): number {
  const common = along(a[0], a[2], b[0], b[2]) * along(a[1], a[3], b[1], b[3]);
  return common / (a[2] * a[3] + b[2] * b[3] - common);
}

/** The length that two intervals have in common, given by their centres and lengths. */
function along(a: number, aLength: number, b: number, bLength: number): number {
  const end = Math.min(a + aLength / 2, b + bLength / 2);
  return Math.max(0, end - Math.max(a - aLength / 2, b - bLength / 2));
}
