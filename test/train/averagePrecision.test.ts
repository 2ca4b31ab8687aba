import { expect, test } from 'vitest';
import { averagePrecision, type FoundBox } from '../../src/train/index.ts';

/** A box of width 0.2 and height 0.2 whose centre is x, 0.5. */
const at = (x: number) => [x, 0.5, 0.2, 0.2] as const;
const found = (score: number, x: number, label = 0): FoundBox => ({ label, score, box: at(x) });
const image = (...xs: number[]) => ({ classes: xs.map(() => 0), boxes: xs.map(at) });

test('all right, all wrong, none found', () => {
  expect(averagePrecision([[found(0.9, 0.2), found(0.1, 0.6)]], [image(0.2, 0.6)])).toBe(1);
  expect(averagePrecision([[found(0.9, 0.8)]], [image(0.2)])).toBe(0);
  expect(averagePrecision([[]], [image(0.2)])).toBe(0);
});

test('an error costs by how certain it was: worked out by hand', () => {
  // right, wrong, right, wrong; three objects: recall 1/3 at precision 1, 2/3 at 2/3
  const boxes = [found(0.9, 0.2), found(0.8, 0.9), found(0.7, 0.6), found(0.6, 0.9)];
  expect(averagePrecision([boxes], [image(0.2, 0.6, 0.4)])).toBeCloseTo(1 / 3 + (1 / 3) * (2 / 3), 12);
});

test('precision is the best from there on: all-point interpolation', () => {
  // wrong, right, right, of two objects: precisions 1/2 and 2/3, so 2/3 counts for both
  const boxes = [found(0.9, 0.9), found(0.8, 0.2), found(0.7, 0.6)];
  expect(averagePrecision([boxes], [image(0.2, 0.6)])).toBeCloseTo(2 / 3, 12);
});

test('boxes are ranked over all images, whatever their order', () => {
  const lists = [[found(0.3, 0.2), found(0.5, 0.9)], [found(0.8, 0.6)]];
  // ranks: right (image 1), wrong (image 0), right (image 0)
  expect(averagePrecision(lists, [image(0.2), image(0.6)])).toBeCloseTo(1 / 2 + (1 / 2) * (2 / 3), 12);
});

test('an object is found once: the second box for it is wrong, even with a box beside it missing', () => {
  const twice = [found(0.9, 0.2), found(0.8, 0.2)];
  expect(averagePrecision([twice], [image(0.2, 0.7)])).toBe(1 / 2);
  expect(averagePrecision([[...twice, found(0.7, 0.7)]], [image(0.2, 0.7)])).toBeCloseTo(1 / 2 + 1 / 3, 12);
});

test('of two objects a box takes the one it meets better, and leaves the other', () => {
  // 0.42 meets the object at 0.44 (IoU 0.82) and at 0.36 (0.54); 0.36 is left for the second box
  const boxes = [found(0.9, 0.42), found(0.8, 0.36)];
  expect(averagePrecision([boxes], [image(0.36, 0.44)])).toBe(1);
});

test('IoU exactly at the bound counts, and the bound can be moved', () => {
  const half = { label: 0, score: 0.5, box: [0.5, 0.5, 0.25, 0.5] as const };
  const whole = { classes: [0], boxes: [[0.5, 0.5, 0.5, 0.5] as const] };
  expect(averagePrecision([[half]], [whole])).toBe(1);
  expect(averagePrecision([[half]], [whole], { iou: 0.51 })).toBe(0);
});

test('classes count alike; one without objects counts for nothing', () => {
  const images = [{ classes: [0, 0, 0, 4], boxes: [at(0.1), at(0.4), at(0.7), at(0.9)] }];
  const boxes = [found(0.9, 0.9, 4), found(0.9, 0.1), found(0.9, 0.3, 2)];
  expect(averagePrecision([boxes], images)).toBeCloseTo((1 + 1 / 3) / 2, 12);
  expect(averagePrecision([[found(1, 0.9, 0)]], [{ classes: [4], boxes: [at(0.9)] }])).toBe(0); // the wrong label
});

test('bad input', () => {
  expect(() => averagePrecision([], [image(0.2)])).toThrow(
    'averagePrecision: there is a list of boxes found for each image. got 0 lists and 1 images.',
  );
  expect(() => averagePrecision([[]], [image()])).toThrow('the images have objects. got none.');
});
