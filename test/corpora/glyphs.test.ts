import { describe, expect, test } from 'vitest';
import { type GlyphKind, glyphs } from '../../src/corpora/index.ts';
import { arc, Canvas, type Path, smooth } from '../../src/corpora/raster.ts';

const total = (canvas: Canvas) => canvas.ink.reduce((sum, ink) => sum + ink, 0);

describe('the canvas', () => {
  const drawn = (draw: (canvas: Canvas) => void) => {
    const canvas = new Canvas(20);
    draw(canvas);
    return canvas;
  };

  test('covers as much as a line is long and wide, and as an area is large', () => {
    // the ends of a line are half circles; soft borders add nothing
    const line = drawn((canvas) => canvas.stroke([[4, 5.3], [14, 9.1]], 1.5, 1)); // biome-ignore format: a line
    expect(total(line)).toBeCloseTo(3 * Math.hypot(10, 3.8) + Math.PI * 1.5 ** 2, 0);
    const disc = drawn((canvas) => canvas.fill(arc(9.4, 9.7, 6, 6), 1));
    expect(total(disc) / (Math.PI * 6.5 ** 2)).toBeCloseTo(1, 1); // the edge is a line of width 1
  });

  test('is soft at borders, full inside, and empty elsewhere', () => {
    const { ink } = drawn((canvas) => canvas.stroke([[0, 10.25], [19, 10.25]], 1, 0.8)); // biome-ignore format: a line
    const column = Array.from({ length: 20 }, (_, row) => ink[row * 20 + 9]!);
    expect(column.slice(8, 13).map((value) => Number((value / 0.8).toFixed(4)))).toEqual([
      0, 0.25, 1, 0.75, 0,
    ]);
    expect(
      column
        .slice(0, 8)
        .concat(column.slice(13))
        .every((value) => value === 0),
    ).toBe(true);
  });

  test('keeps the darker of what lies over each other, and survives what lies outside', () => {
    const line: Path = [[2, 3], [17, 12]]; // biome-ignore format: a line
    const [once, twice] = [1, 2].map((times) =>
      drawn((canvas) => {
        for (let i = 0; i < times; i++) canvas.stroke(line, 2, 1 - 0.5 * i);
      }),
    );
    expect(twice!.ink).toEqual(once!.ink);
    expect(total(drawn((canvas) => canvas.fill([[30, 30], [50, 30], [50, 50]], 1)))).toBe(0); // biome-ignore format: a triangle
  });

  test('a smooth line goes through its points', () => {
    const points: Path = [[0, 0], [3, 5], [8, 1], [9, 9]]; // biome-ignore format: points
    const line = smooth(points);
    for (const point of points) expect(line).toContainEqual(point);
    const longest = Math.max(
      ...line.slice(1).map(([x, y], i) => Math.hypot(x - line[i]![0], y - line[i]![1])),
    );
    expect(longest).toBeLessThan(4);
  });
});

describe.each<GlyphKind>(['shapes', 'digits'])('glyphs: %s', (kind) => {
  const images = glyphs({ count: 205, kind });

  test('same seed, same images; another seed or kind, others', () => {
    const first = images.pixels.subarray(0, 30 * 784).join();
    expect(glyphs({ count: 30, kind }).pixels.join()).toBe(first);
    expect(glyphs({ count: 30, kind, seed: 'other' }).pixels.join()).not.toBe(first);
  });

  test('pixels lie in [0, 1] and classes take turns', () => {
    expect([images.shape, images.classes.length]).toEqual([[205, 28, 28, 1], 10]);
    expect(images.pixels.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
    const counts = images.classes.map((_, label) => images.labels.filter((one) => one === label).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBe(1);
  });

  test('no image is drawn twice, whatever the seed', () => {
    const seen = new Set<string>();
    for (const seed of ['glyphs', 'test']) {
      const { pixels } = glyphs({ count: 200, kind, seed });
      for (let i = 0; i < 200; i++) seen.add(pixels.subarray(i * 784, (i + 1) * 784).join());
    }
    expect(seen.size).toBe(400);
  });

  test('images of a class differ more by place than the class does by a pixel: the mean image is a blur', () => {
    for (const label of images.classes.keys()) {
      const mine = [...images.labels.keys()].filter((i) => images.labels[i] === label);
      const mean = Array.from(
        { length: 784 },
        (_, at) => mine.reduce((sum, i) => sum + images.pixels[i * 784 + at]!, 0) / mine.length,
      );
      const brightest = Math.max(
        ...mine.map((i) => Math.max(...images.pixels.subarray(i * 784, (i + 1) * 784))),
      );
      expect(Math.max(...mean)).toBeLessThan(0.95 * brightest);
      expect(brightest).toBeGreaterThan(0.7);
    }
  });
});

test.each<[string, () => unknown, string]>([
  [
    'kind',
    () => glyphs({ kind: 'shape' as 'shapes' }),
    'glyphs: the kind is known. got shape. did you mean "shapes"?',
  ],
  ['count', () => glyphs({ count: 0 }), 'glyphs: count is a whole number ≥ 1. got 0.'],
  ['option', () => glyphs({ number: 3 } as never), 'known: count, kind, seed'],
])('refuses bad input: %s', (_, use, message) => {
  expect(use).toThrow(message);
});
