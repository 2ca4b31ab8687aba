/** Pictures of coloured shapes, and what is to be seen on them: endless data for the detection of objects. */
import seedrandom from 'seedrandom';
import { check, checkSeed, checkWhole, randomBelow, withDefaults } from '../tensor/index.ts';

/** The kinds of shapes, which are the classes. */
export const shapeKinds = ['disc', 'rectangle', 'triangle'] as const;

/** The options of `scenes`. */
export interface ScenesOptions {
  /** Height and width in pixels. Default 32. */
  readonly size?: number;
  /** The most shapes on a picture; each number from 1 on is equally frequent. Default 6. */
  readonly most?: number;
  /** Same seed, same scenes. Default 'scenes'. */
  readonly seed?: string | number;
}

/** A picture with its objects. */
export interface Scene {
  /** Red, green and blue of each pixel, row by row, (size, size, 3), in [0, 1]. */
  readonly pixels: Float32Array;
  /** The class of each shape, an index of `shapeKinds`; a shape hides a little of those before it. */
  readonly classes: readonly number[];
  /** The box around each shape: centre and size, (cx, cy, w, h), in parts of the picture. */
  readonly boxes: readonly (readonly [cx: number, cy: number, width: number, height: number])[];
}

/** The largest part of a shape that the box of another may cover. */
const OVERLAP = 0.2;
/** Noise on each number: as much more, or as much less, at most. */
const NOISE = 0.07;
/** Sides of shapes, in parts of the picture. */
const SIDES = [0.2, 0.4] as const;

/**
 * Endless scenes: a dark ground, and on it bright discs, rectangles and triangles of any colour and place,
 * which overlap a little; all with noise. Class, number, colour and size tell nothing of each other.
 */
export function* scenes(options: ScenesOptions = {}): Generator<Scene, never> {
  const { size, most, seed } = withDefaults<Required<ScenesOptions>>('scenes', options, {
    size: 32,
    most: 6,
    seed: 'scenes',
  });
  checkWhole('scenes', { size }, 16);
  checkWhole('scenes', { most }, 1);
  check(most <= 6, 'scenes', 'there is room for 6 shapes at most', () => `${most}`);
  checkSeed('scenes', seed);
  const random = seedrandom.alea(String(seed));
  for (;;) yield scene(size, 1 + randomBelow(most, random), random);
}

type Random = () => number;
/** A box by its corners, in whole pixels. */
interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function scene(size: number, count: number, random: Random): Scene {
  const pixels = new Float32Array(size * size * 3);
  const ground = colour(random, 0, 0.3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = ground[i % 3]!;
  const places = freePlaces(size, count, random);
  const classes = places.map(() => randomBelow(shapeKinds.length, random));
  for (const [i, place] of places.entries()) draw(pixels, size, classes[i]!, place, brightColour(random));
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = Math.min(1, Math.max(0, pixels[i]! + NOISE * (2 * random() - 1)));
  const boxes = places.map(
    ({ left, top, width, height }) =>
      [(left + width / 2) / size, (top + height / 2) / size, width / size, height / size] as const,
  );
  return { pixels, classes, boxes };
}

/** Places that overlap a little at most. Where the last finds no room, all are drawn again. */
function freePlaces(size: number, count: number, random: Random): Place[] {
  const side = () => Math.round(size * (SIDES[0] + (SIDES[1] - SIDES[0]) * random()));
  const places: Place[] = [];
  for (let tries = 0; places.length < count; tries++) {
    if (tries === 50 * count) [tries, places.length] = [0, 0];
    const [width, height] = [side(), side()];
    const [left, top] = [size - width, size - height].map((room) => randomBelow(room + 1, random)) as [number, number]; // biome-ignore format: one line
    const place = { left, top, width, height };
    if (places.every((other) => common(place, other) <= OVERLAP * Math.min(area(place), area(other))))
      places.push(place);
  }
  return places;
}

const area = ({ width, height }: Place) => width * height;

function common(a: Place, b: Place): number {
  const along = (p: number, pLength: number, q: number, qLength: number) =>
    Math.max(0, Math.min(p + pLength, q + qLength) - Math.max(p, q));
  return along(a.left, a.width, b.left, b.width) * along(a.top, a.height, b.top, b.height);
}

/**
 * Whether a shape covers a pixel of its box, with its middle at x from −1 (left) to 1 and y from −1 (top) to
 * 1, and half as wide as `half`. Each shape reaches all four sides of the box.
 */
const covers: Record<(typeof shapeKinds)[number], (x: number, y: number, half: number) => boolean> = {
  disc: (x, y) => x * x + y * y <= 1,
  rectangle: () => true,
  triangle: (x, y, half) => Math.abs(x) - half <= (y + 1) / 2,
};

function draw(
  pixels: Float32Array,
  size: number,
  kind: number,
  { left, top, width, height }: Place,
  paint: readonly number[],
): void {
  const inside = covers[shapeKinds[kind]!];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (inside((2 * x + 1) / width - 1, (2 * y + 1) / height - 1, 1 / width))
        pixels.set(paint, ((top + y) * size + left + x) * 3);
    }
  }
}

const colour = (random: Random, low: number, high: number) =>
  [0, 1, 2].map(() => low + (high - low) * random());

/** One of the three numbers, at least, is large. */
function brightColour(random: Random): number[] {
  return colour(random, 0.1, 1).with(randomBelow(3, random), 0.7 + 0.3 * random());
}
