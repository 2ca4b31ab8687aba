import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Box, detrLosses, type ImageObjects, matchBoxes } from '../../models/index.ts';
import { boxCorners, boxL1, generalizedIoU, slice, softmax } from '../../src/ops/index.ts';
import {
  manualSeed,
  rand,
  randn,
  setDefaultDtype,
  type Tensor,
  tensor,
  zeros,
} from '../../src/tensor/index.ts';

beforeAll(() => setDefaultDtype('float64'));
afterAll(() => setDefaultDtype('float32'));
beforeEach(() => manualSeed(4));

const objects = (...list: [label: number, box: Box][]): ImageObjects => ({
  classes: list.map(([label]) => label),
  boxes: list.map(([, box]) => box),
});
/** Logits of given probabilities, of each of N places; one image in one layer. */
const logitsOf = (...p: number[][]) => tensor([[p.map((row) => row.map(Math.log))]]);
const boxesAt = (...boxes: Box[]) => tensor([[boxes as unknown as number[][]]]);
const HALF: Box = [0.5, 0.5, 0.5, 0.5];

describe('matching', () => {
  const image = (x: Tensor) => tensor((x.toArray() as number[][][][])[0]!);
  const match = (logits: Tensor, boxes: Tensor, ...list: [number, Box][]) =>
    matchBoxes({ logits: image(logits), boxes: image(boxes) }, [objects(...list)])[0];

  test('takes probabilities: by their logarithms, a good box with an unlikely class would lose', () => {
    // costs −0.01 − 2 and −0.8 + 5·0.1 − 2·0.8; with logarithms 4.6 − 2 and 0.2 + 0.5 − 1.6
    const logits = logitsOf([0.01, 0.99], [0.8, 0.2]);
    const boxes = boxesAt(HALF, [0.5, 0.5, 0.4, 0.5]);
    expect(match(logits, boxes, [0, HALF])).toEqual([[0, 0]]);
  });

  test('the class decides between equal boxes, and L1 between those that meet nothing', () => {
    expect(match(logitsOf([0.4, 0.6], [0.6, 0.4]), boxesAt(HALF, HALF), [0, HALF])).toEqual([[1, 0]]);
    const [near, far, goal] = [0.3, 0.1, 0.9].map((x): Box => [x, 0.5, 0.1, 0.1]);
    expect(match(logitsOf([0.5, 0.5], [0.5, 0.5]), boxesAt(far!, near!), [0, goal!])).toEqual([[1, 0]]);
  });

  test('is the best of all, not the best for each: against every permutation', () => {
    for (let round = 0; round < 20; round++) {
      const logits = randn([1, 4, 4]);
      const boxes = rand([1, 4, 4]);
      const list = (rand([3, 4]).toArray() as number[][]).map(
        (box, i) => [i, box] as unknown as [number, Box],
      );
      const goals = tensor(list.map(([, box]) => box as unknown as number[]));
      const costs = Array.from({ length: 4 }, (_, i) => {
        const row = slice(boxes, { axis: 1, start: i, end: i + 1 });
        const l1 = boxL1(row, goals).toTypedArray();
        const giou = generalizedIoU(boxCorners(row), boxCorners(goals)).toTypedArray();
        const p = (softmax(logits).toArray() as number[][][])[0]![i]!;
        return [0, 1, 2].map((j) => 5 * l1[j]! - 2 * giou[j]! - p[j]!);
      });
      const chosen = matchBoxes({ logits, boxes }, [objects(...list)])[0]!;
      expect(chosen).toHaveLength(3);
      const cost = chosen.reduce((sum, [i, j]) => sum + costs[i]![j]!, 0);
      let best = Number.POSITIVE_INFINITY;
      for (let code = 0; code < 64; code++) {
        const [a, b, c] = [code % 4, Math.floor(code / 4) % 4, Math.floor(code / 16)] as [
          number,
          number,
          number,
        ];
        if (a !== b && b !== c && a !== c)
          best = Math.min(best, costs[a]![0]! + costs[b]![1]! + costs[c]![2]!);
      }
      expect(cost).toBeCloseTo(best, 10);
    }
  });
});

describe('the loss', () => {
  test('of classes takes logarithms, and divides by the weights: "no object" weighs a tenth', () => {
    const { classes } = detrLosses(
      { logits: logitsOf([0.7, 0.3], [0.4, 0.6]), boxes: boxesAt(HALF, [0.1, 0.1, 0.1, 0.1]) },
      [objects([0, HALF])],
    );
    expect(classes.item()).toBeCloseTo((-Math.log(0.7) - 0.1 * Math.log(0.6)) / 1.1, 12);
  });

  test('of boxes: corners in their order, and the weights of the sum', () => {
    // half of each is common, side by side: IoU 1/3 and no empty hull; L1 is 0.2
    const { l1, giou, classes, total } = detrLosses(
      { logits: logitsOf([0.5, 0.5]), boxes: boxesAt([0.3, 0.5, 0.4, 0.2]) },
      [objects([0, [0.5, 0.5, 0.4, 0.2]])],
    );
    expect(l1.item()).toBeCloseTo(0.2, 12);
    expect(giou.item()).toBeCloseTo(2 / 3, 12);
    expect(total.item()).toBeCloseTo(classes.item() + 5 * 0.2 + 2 * (2 / 3), 12);
  });

  test('of boxes is divided by the objects of the whole batch, and by 1 where there is none', () => {
    const places: Box[] = [[0.2, 0.2, 0.2, 0.2], [0.8, 0.2, 0.2, 0.2], [0.2, 0.8, 0.2, 0.2]]; // biome-ignore format: a row
    const moved = places.map(([x, y, w, h]): Box => [x + 0.1, y, w, h]);
    const twice = (rows: Box[]) => tensor([[rows, rows]] as unknown as number[][][][]);
    const lists = [
      objects(...places.map((box): [number, Box] => [0, box])),
      objects([0, places[1]!]),
      objects(),
    ] as const;
    const of = (batch: ImageObjects[]) =>
      detrLosses({ logits: zeros([1, 2, 3, 2]), boxes: twice(moved) }, batch);
    expect(of([lists[0], lists[1]]).l1.item()).toBeCloseTo(0.1, 12); // (3 + 1)·0.1/4
    expect(of([lists[0], lists[2]]).l1.item()).toBeCloseTo(0.1, 12); // 3·0.1/3, and not half of it
    const none = of([lists[2], lists[2]]);
    expect([none.l1.item(), none.giou.item()]).toEqual([0, 0]);
    expect(none.total.item()).toBeCloseTo(Math.log(2), 12);
  });

  test('of every layer has a matching of its own', () => {
    const [left, right]: Box[] = [[0.2, 0.5, 0.2, 0.2], [0.8, 0.5, 0.2, 0.2]] as Box[]; // biome-ignore format: a row
    const boxes = [[left!, right!], [right!, left!]] as unknown as number[][][]; // biome-ignore format: rows
    const list = [objects([0, left!], [1, right!])];
    const logits = randn([2, 1, 2, 3]);
    const both = detrLosses({ logits, boxes: tensor(boxes.map((rows) => [rows])) }, list);
    expect(both.l1.item()).toBeCloseTo(0, 12); // with the last layer's for both it would be 2·0.6
    const each = [0, 1].map((layer) =>
      detrLosses(
        {
          logits: slice(logits, { axis: 0, start: layer, end: layer + 1 }),
          boxes: tensor([[boxes[layer]!]]),
        },
        list,
      ).total.item(),
    );
    expect(both.total.item()).toBeCloseTo(each[0]! + each[1]!, 12);
  });

  test('refuses objects that are none', () => {
    const predictions = { logits: zeros([1, 1, 2, 3]), boxes: rand([1, 1, 2, 4]) };
    const of =
      (...list: ImageObjects[]) =>
      () =>
        detrLosses(predictions, list);
    expect(of(objects([0, [16, 16, 8, 8]]))).toThrow(
      'detrLosses: a box is its centre and its size, (cx, cy, w, h), in parts of the image, w and h above 0. got [16, 16, 8, 8] in image 0. divide pixels by the size of the image.',
    );
    expect(of(objects([0, [0.5, 0.5, 0, 0.1]]))).toThrow('w and h above 0');
    expect(of(objects([0, [0.5, 0.5, Number.NaN, 0.1]]))).toThrow('a box is its centre');
    expect(of(objects([2, HALF]))).toThrow('detrLosses: classes lie in [0, 2). got 2 in image 0.');
    expect(of({ classes: [0, 1], boxes: [HALF] })).toThrow('got 2 classes and 1 boxes in image 0.');
    expect(of(objects(), objects())).toThrow(
      'each image has its list of objects. got 2 lists and logits (1, 1, 2, 3).',
    );
  });
});
