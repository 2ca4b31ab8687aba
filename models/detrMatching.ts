import munkres from 'munkres';
import { noGrad } from '../src/autograd/index.ts';
import { boxCorners, softmax } from '../src/ops/index.ts';
import { check, display, type Tensor, type TypedArray } from '../src/tensor/index.ts';

/** A box as DETR knows it: its centre and its size, in parts of the image. */
export type Box = readonly [cx: number, cy: number, width: number, height: number];

/** The objects of one image: the class and the box of each. There may be none. */
export interface ImageObjects {
  readonly classes: readonly number[];
  readonly boxes: readonly Box[];
}

/** What is predicted: logits of the classes and of "no object", (…, N, K + 1), and boxes (…, N, 4). */
export interface BoxPredictions {
  readonly logits: Tensor;
  readonly boxes: Tensor;
}

/** A prediction and the object that it is matched with, both by their index. */
export type Match = readonly [prediction: number, object: number];

/** What a wrong class, the L1 distance, and the lack of generalised IoU cost. */
const COST = { class: 1, l1: 5, giou: 2 };

/**
 * The matching of predictions with objects that costs the least, image by image:
 *
 *   cost(i, j) = −p̂ᵢ(class j) + 5·‖b̂ᵢ − bⱼ‖₁ − 2·GIoU(b̂ᵢ, bⱼ)
 *
 * The cost takes the probability, where the loss takes its logarithm: so it is of the size of the others. No
 * gradient flows through it. The assignment is found by the Hungarian algorithm.
 *
 * Shapes: predictions (I, N, …) for the I images of `objects`. Each object gets one prediction, if there are
 * enough.
 *
 * Carion et al., arXiv:2005.12872, §3.1
 */
export function matchBoxes({ logits, boxes }: BoxPredictions, objects: readonly ImageObjects[]): Match[][] {
  const [, N, K] = logits.shape as [number, number, number];
  const [probabilities, flat, corners] = noGrad(() =>
    [softmax(logits), boxes, boxCorners(boxes)].map((x) => x.toTypedArray()),
  ) as [TypedArray, TypedArray, TypedArray];
  return objects.map((image, i) => {
    if (image.classes.length === 0) return [];
    const goals = image.boxes.map(cornersOf);
    const cost = Array.from({ length: N }, (_, n) => {
      const at = i * N + n;
      const [box, corner] = [flat.subarray(4 * at, 4 * at + 4), corners.subarray(4 * at, 4 * at + 4)];
      return image.classes.map(
        (label, j) =>
          -COST.class * probabilities[at * K + label]! +
          COST.l1 * l1(box, image.boxes[j]!) -
          COST.giou * generalizedIoU(corner, goals[j]!),
      );
    });
    return munkres(cost);
  });
}

/**
 * Checks the objects of each image: classes below `count`, boxes with their centre in the image and a size.
 */
export function checkObjects(where: string, objects: readonly ImageObjects[], count: number): void {
  for (const [i, { classes, boxes }] of objects.entries()) {
    const image = `image ${i}`;
    check(
      classes.length === boxes.length,
      where,
      'each object has a class and a box',
      () => `${classes.length} classes and ${boxes.length} boxes in ${image}`,
    );
    for (const label of classes) {
      const known = Number.isInteger(label) && label >= 0 && label < count;
      check(known, where, `classes lie in [0, ${count})`, () => `${display(label)} in ${image}`);
    }
    for (const box of boxes) {
      check(
        box.length === 4 && box.every((x) => x >= 0 && x <= 1) && box[2] > 0 && box[3] > 0,
        where,
        'a box is its centre and its size, (cx, cy, w, h), in parts of the image, w and h above 0',
        () => `${display(box)} in ${image}`,
        () => 'divide pixels by the size of the image',
      );
    }
  }
}

type Four = ArrayLike<number>;

/** (cx, cy, w, h) → (x1, y1, x2, y2) */
const cornersOf = ([cx, cy, w, h]: Box): Box => [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2];

function l1(a: Four, b: Four): number {
  return (
    Math.abs(a[0]! - b[0]!) + Math.abs(a[1]! - b[1]!) + Math.abs(a[2]! - b[2]!) + Math.abs(a[3]! - b[3]!)
  );
}

/**
 * The op of this name for two boxes by their corners: calls of an op would cost more than the matching
 * itself.
 */
function generalizedIoU(a: Four, b: Four): number {
  const [left, right] = [Math.max(a[0]!, b[0]!), Math.min(a[2]!, b[2]!)];
  const [top, bottom] = [Math.max(a[1]!, b[1]!), Math.min(a[3]!, b[3]!)];
  const meet = Math.max(0, right - left) * Math.max(0, bottom - top);
  const union = area(a) + area(b) - meet;
  const width = Math.max(a[2]!, b[2]!) - Math.min(a[0]!, b[0]!);
  const height = Math.max(a[3]!, b[3]!) - Math.min(a[1]!, b[1]!);
  return meet / union - (width * height - union) / (width * height);
}

const area = (corners: Four) => (corners[2]! - corners[0]!) * (corners[3]! - corners[1]!);
