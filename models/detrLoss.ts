import {
  add,
  boxCorners,
  boxL1,
  crossEntropy,
  embedding,
  generalizedIoU,
  mul,
  reshape,
  sub,
  sum,
} from '../src/ops/index.ts';
import { check, full, show, Tensor, tensor } from '../src/tensor/index.ts';
import { type BoxPredictions, checkObjects, type ImageObjects, matchBoxes } from './detrMatching.ts';

/** The parts of DETR's loss, each summed over the decoder's layers. */
export interface DETRLosses {
  /** Cross entropy of the classes, "no object" among them. */
  readonly classes: Tensor;
  /** L1 distance of matched boxes, by the number of objects. */
  readonly l1: Tensor;
  /** 1 − generalised IoU of matched boxes, by the number of objects. */
  readonly giou: Tensor;
  /** classes + 5·l1 + 2·giou */
  readonly total: Tensor;
}

/** The weight of "no object", of which there are many: ten times less than that of a class. */
const NO_OBJECT = 0.1;

/**
 * DETR's loss: every layer's predictions are matched with the objects anew, and then
 *
 *   Σ over layers:  Σᵢ w(cᵢ)·(−log p̂ᵢ(cᵢ)) / Σᵢ w(cᵢ)  +  (5·Σ ‖b̂ − b‖₁ + 2·Σ (1 − GIoU(b̂, b))) / max(1, objects)
 *
 * where cᵢ is the class of the object that prediction i is matched with, or "no object", the last class,
 * whose w is 0.1; the sums over boxes run over matches. Both denominators are those of the whole batch.
 *
 * Shapes: logits (L, B, N, K + 1) and boxes (L, B, N, 4) of L layers, and the objects of B images. Result ().
 *
 * Carion et al., arXiv:2005.12872, appendix A.2; as ForObjectDetectionLoss of Hugging Face's transformers
 */
export function detrLosses({ logits, boxes }: BoxPredictions, objects: readonly ImageObjects[]): DETRLosses {
  const [L, B, N, V] = logits.shape as [number, number, number, number];
  check(
    objects.length === B,
    'detrLosses',
    'each image has its list of objects',
    () => `${objects.length} lists and logits ${show(logits.shape)}`,
  );
  checkObjects('detrLosses', objects, V - 1);
  const rows = { logits: reshape(logits, [L * B, N, V]), boxes: reshape(boxes, [L * B, N, 4]) };
  const perLayer = Array.from({ length: L }, () => objects).flat();
  const { classes, places, goals } = matched(matchBoxes(rows, perLayer), perLayer, N, V - 1);
  const { dtype } = logits;
  const weights = full([V], 1, { dtype });
  weights.data[V - 1] = NO_OBJECT;
  // Every layer matches equally many, so the mean over all is the mean of the layers' means.
  const ce = mul(
    crossEntropy(rows.logits, Tensor.over(Int32Array.from(classes), [L * B, N]), { weights }),
    L,
  );
  const count = Math.max(
    1,
    objects.reduce((total, image) => total + image.classes.length, 0),
  );
  const found = embedding(
    reshape(boxes, [L * B * N, 4]),
    Tensor.over(Int32Array.from(places), [places.length]),
  );
  const wanted = reshape(tensor(goals.flat(), { dtype }), [-1, 4]);
  const l1 = mul(sum(boxL1(found, wanted)), 1 / count);
  const overlap = generalizedIoU(boxCorners(found), boxCorners(wanted));
  const giou = mul(sum(sub(1, overlap)), 1 / count);
  return { classes: ce, l1, giou, total: add(ce, add(mul(l1, 5), mul(giou, 2))) };
}

/** The class of every prediction, and the predictions that are matched with the box of each. */
function matched(
  matches: ReturnType<typeof matchBoxes>,
  objects: readonly ImageObjects[],
  N: number,
  noObject: number,
) {
  const classes = new Array<number>(objects.length * N).fill(noObject);
  const [places, goals]: [number[], ImageObjects['boxes'][number][]] = [[], []];
  for (const [i, pairs] of matches.entries()) {
    for (const [prediction, object] of pairs) {
      const place = i * N + prediction;
      classes[place] = objects[i]!.classes[object]!;
      places.push(place);
      goals.push(objects[i]!.boxes[object]!);
    }
  }
  return { classes, places, goals };
}
