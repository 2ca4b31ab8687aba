import { expect, test } from 'vitest';
import { type Scene, scenes, shapeKinds } from '../../src/corpora/index.ts';

function take(count: number, options: Parameters<typeof scenes>[0] = {}): Scene[] {
  const source = scenes(options);
  return Array.from({ length: count }, () => source.next().value);
}
const some = take(1000);

test('the same for the same seed, and others for another: none is seen twice', () => {
  expect(take(5)).toEqual(some.slice(0, 5));
  const all = [...some.slice(0, 300), ...take(300, { seed: 'held out' })];
  expect(new Set(all.map(({ pixels }) => pixels.slice(0, 30).join())).size).toBe(600);
});

test('classes and numbers of shapes are balanced', () => {
  const labels = some.flatMap(({ classes }) => classes);
  for (const kind of shapeKinds.keys()) {
    const share = labels.filter((label) => label === kind).length / labels.length;
    expect(Math.abs(share - 1 / 3)).toBeLessThan(0.04);
  }
  for (const number of [1, 2, 3, 4, 5, 6]) {
    const share = some.filter(({ classes }) => classes.length === number).length / some.length;
    expect(Math.abs(share - 1 / 6)).toBeLessThan(0.04);
  }
});

test('the box is the smallest around what is drawn, in a picture of one shape', () => {
  const kinds = new Set<number>();
  for (const { pixels, boxes, classes } of take(60, { most: 1, size: 40 })) {
    const bright = [...Array(1600).keys()].filter(
      (i) => Math.max(...pixels.subarray(3 * i, 3 * i + 3)) > 0.5,
    );
    const [columns, rows] = [bright.map((i) => i % 40), bright.map((i) => Math.floor(i / 40))];
    const [left, right] = [Math.min(...columns), Math.max(...columns) + 1];
    const [top, bottom] = [Math.min(...rows), Math.max(...rows) + 1];
    const expected = [(left + right) / 80, (top + bottom) / 80, (right - left) / 40, (bottom - top) / 40];
    for (const [i, value] of expected.entries()) expect(boxes[0]![i]).toBeCloseTo(value, 10);
    kinds.add(classes[0]!);
  }
  expect(kinds.size).toBe(3);
});

test('a disc, a rectangle and a triangle fill π/4, all and half of their box', () => {
  const filled: number[][] = [[], [], []];
  for (const { pixels, boxes, classes } of take(100, { most: 1, size: 80 })) {
    const bright = [...Array(6400).keys()].filter(
      (i) => Math.max(...pixels.subarray(3 * i, 3 * i + 3)) > 0.5,
    );
    filled[classes[0]!]!.push(bright.length / (boxes[0]![2] * boxes[0]![3] * 6400));
  }
  const [disc, rectangle, triangle] = filled.map((shares) => shares.reduce((a, b) => a + b) / shares.length);
  expect(Math.abs(disc! - Math.PI / 4)).toBeLessThan(0.02);
  expect(rectangle).toBe(1);
  expect(Math.abs(triangle! - 1 / 2)).toBeLessThan(0.05);
});

test('shapes overlap a little at most, lie inside, and some do overlap', () => {
  let overlapping = 0;
  for (const { boxes } of some) {
    for (const [i, [x, y, w, h]] of boxes.entries()) {
      expect(Math.min(x - w / 2, y - h / 2)).toBeGreaterThanOrEqual(0);
      expect(Math.max(x + w / 2, y + h / 2)).toBeLessThanOrEqual(1);
      for (const [x2, y2, w2, h2] of boxes.slice(0, i)) {
        const wide = Math.max(0, Math.min(x + w / 2, x2 + w2 / 2) - Math.max(x - w / 2, x2 - w2 / 2));
        const high = Math.max(0, Math.min(y + h / 2, y2 + h2 / 2) - Math.max(y - h / 2, y2 - h2 / 2));
        expect(wide * high).toBeLessThanOrEqual(0.2 * Math.min(w * h, w2 * h2) + 1e-12);
        if (wide * high > 0) overlapping++;
      }
    }
  }
  expect(overlapping).toBeGreaterThan(50);
});

test('pixels are numbers in [0, 1] with noise on each', () => {
  const [{ pixels }] = take(1) as [Scene];
  expect(pixels).toHaveLength(32 * 32 * 3);
  expect(pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
  expect(new Set(pixels).size).toBeGreaterThan(1000);
});

test('bad options', () => {
  const first = (options: object) => () => scenes(options).next();
  expect(first({ most: 7 })).toThrow('scenes: there is room for 6 shapes at most. got 7.');
  expect(first({ size: 8 })).toThrow('scenes: size is a whole number ≥ 16. got 8.');
  expect(first({ shapes: 2 })).toThrow('scenes: every option is known. got "shapes".');
});
