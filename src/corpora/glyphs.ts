import seedrandom from 'seedrandom';
import type { LabelledImages } from '../data/index.ts';
import {
  checkSeed,
  checkWhole,
  fail,
  normalSample,
  type RandomStream,
  randomBelow,
  suggest,
  withDefaults,
} from '../tensor/index.ts';
import { type Alphabet, digits, type Glyph, shapes } from './glyphShapes.ts';
import { Canvas, type Path } from './raster.ts';

/** What there is to draw. */
export type GlyphKind = 'shapes' | 'digits';

/** The options of `glyphs`. */
export interface GlyphsOptions {
  /** Number of images; as many of each class, or one more. Default 10,000. */
  readonly count?: number;
  /** Ten shapes (default), or ten digits. */
  readonly kind?: GlyphKind;
  /** Same seed, same images. Default 'glyphs'. */
  readonly seed?: string | number;
}

/** Height and width of the images. */
const SIZE = 28;

/** How glyphs are drawn: the most that can happen to one, or the range from which a number is drawn. */
interface Style {
  readonly alphabet: Alphabet;
  /** Angle, in radians. */
  readonly turn: number;
  readonly slant: number;
  /** Of width against height. */
  readonly stretch: number;
  /** Of the waves that bend a glyph, in parts of its radius. */
  readonly bend: number;
  /** Pixels to every side. */
  readonly shift: number;
  /** Pixels from the centre to the border. */
  readonly radius: Range;
  /** Half the width of a line, in pixels. */
  readonly pen: Range;
  readonly ink: Range;
  readonly paper: Range;
  readonly scratches: number;
  /** Standard deviation of what is added to each pixel. */
  readonly noise: number;
}
type Range = readonly [least: number, most: number];

const styles: Record<GlyphKind, Style> = {
  shapes: {
    alphabet: shapes, turn: 0.35, slant: 0.15, stretch: 0.2, bend: 0.05, shift: 2.5, radius: [7.5, 10.5],
    pen: [0.5, 1.2], ink: [0.6, 1], paper: [0, 0.25], scratches: 2, noise: 0.06,
  },
  digits: {
    alphabet: digits, turn: 0.25, slant: 0.5, stretch: 0.3, bend: 0.22, shift: 1.5, radius: [8, 11],
    pen: [0.4, 1.2], ink: [0.8, 1], paper: [0, 0], scratches: 0, noise: 0.03,
  },
}; // biome-ignore format: a table

/**
 * Small grey pictures of ten classes, drawn by ourselves, each time another way: (N, 28, 28, 1).
 *
 * A glyph is bent by a wave, turned, slanted, stretched, shifted, and drawn with a pen of some width. Shapes
 * are outlines or filled, grey on grey, with scratches and noise; digits are white on black and thin, like
 * handwriting in MNIST, but harder: the nearest of 5,000 neighbours is right for 84 of 100.
 * Classes take turns.
 */
export function glyphs(options: GlyphsOptions = {}): LabelledImages {
  const { count, kind, seed } = withDefaults<Required<GlyphsOptions>>('glyphs', options, {
    count: 10_000,
    kind: 'shapes',
    seed: 'glyphs',
  });
  checkWhole('glyphs', { count }, 1);
  checkSeed('glyphs', seed);
  const style =
    (Object.hasOwn(styles, kind) && styles[kind]) ||
    fail('glyphs', 'the kind is known', `${kind}`, suggest(kind, Object.keys(styles)));
  const random = seedrandom.alea(`${kind}/${seed}`, { state: true });
  const ways = Object.values(style.alphabet);
  const pixels = new Float32Array(count * SIZE * SIZE);
  const labels = Int32Array.from({ length: count }, (_, i) => i % ways.length);
  labels.forEach((label, i) => {
    const glyph = ways[label]![randomBelow(ways[label]!.length, random)]!;
    pixels.set(drawn(glyph, style, random), i * SIZE * SIZE);
  });
  return { pixels, shape: [count, SIZE, SIZE, 1], labels, classes: Object.keys(style.alphabet) };
}

/** One picture. */
function drawn({ paths, closed }: Glyph, style: Style, random: RandomStream): Float32Array {
  const between = ([least, most]: Range) => least + (most - least) * random();
  const canvas = new Canvas(SIZE);
  const place = placement(style, random);
  const [pen, ink, paper] = [between(style.pen), between(style.ink), between(style.paper)];
  const filled = closed && random() < 0.4;
  for (const path of paths) {
    const placed = dense(path).map(place);
    if (filled) canvas.fill(placed, ink);
    else canvas.stroke(placed, pen, ink);
  }
  for (let left = randomBelow(style.scratches + 1, random); left > 0; left--) {
    const [x, y] = [SIZE * random(), SIZE * random()];
    const end = [x + 12 * random() - 6, y + 12 * random() - 6] as const;
    canvas.stroke([[x, y], end], pen, ink * random());
  }
  return canvas.ink.map((value) => {
    const grey = paper + (1 - paper) * value + style.noise * normalSample(random);
    return Math.max(0, Math.min(1, grey));
  });
}

/** Where the points of one glyph go: waves first, then one affine map to pixels. */
function placement(style: Style, random: RandomStream): (point: Path[number]) => Path[number] {
  const within = (most: number) => most * (2 * random() - 1);
  const waves = [0, 1].map(() => ({
    height: within(style.bend),
    pace: 1.5 + 1.5 * random(),
    start: 7 * random(),
  }));
  const [turn, slant, stretch] = [within(style.turn), within(style.slant), within(style.stretch)];
  const radius = style.radius[0] + (style.radius[1] - style.radius[0]) * random();
  const centre = [0, 1].map(() => (SIZE - 1) / 2 + within(style.shift));
  const wave = (i: 0 | 1, along: number) =>
    waves[i]!.height * Math.sin(waves[i]!.pace * along + waves[i]!.start);
  return ([x, y]) => {
    const [u, v] = [(x + wave(0, y)) * (1 + stretch) - slant * y, (y + wave(1, x)) * (1 - stretch)];
    const [cos, sin] = [radius * Math.cos(turn), radius * Math.sin(turn)];
    return [centre[0]! + cos * u - sin * v, centre[1]! + sin * u + cos * v];
  };
}

/** The same path with points so close that its lines can be bent. */
function dense(path: Path): Path {
  const pieces = path.slice(1).flatMap(([x2, y2], i) => {
    const [x1, y1] = path[i]!;
    const parts = Math.ceil(Math.hypot(x2 - x1, y2 - y1) / 0.25) || 1;
    return Array.from(
      { length: parts },
      (_, j) => [x1 + ((x2 - x1) * j) / parts, y1 + ((y2 - y1) * j) / parts] as const,
    );
  });
  return [...pieces, path.at(-1)!];
}
