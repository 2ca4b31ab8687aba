/** How the glyphs look before anything happens to them: paths within the square from −1 to 1. */
import { arc, type Path, smooth } from './raster.ts';

/** The paths of a glyph; `closed` if they may be filled. */
export interface Glyph {
  readonly paths: readonly Path[];
  readonly closed: boolean;
}

/** A glyph by name, or one of several ways to write it. */
export type Alphabet = Readonly<Record<string, readonly Glyph[]>>;

const closed = (path: Path): Glyph[] => [{ paths: [[...path, path[0]!]], closed: true }];
const open = (...paths: Path[]): Glyph => ({ paths, closed: false });
const turned = (corners: number, radius: (i: number) => number): Path =>
  Array.from({ length: corners }, (_, i) => {
    const angle = 2 * Math.PI * (i / corners - 0.25);
    return [radius(i) * Math.cos(angle), radius(i) * Math.sin(angle)] as const;
  });
const spiral: Path = Array.from({ length: 40 }, (_, i) => {
  const angle = (2 * Math.PI * 2 * i) / 39;
  return [((0.1 + 0.9 * i) / 39) * Math.cos(angle), ((0.1 + 0.9 * i) / 39) * Math.sin(angle)] as const;
});

/** Ten things to draw. */
export const shapes: Alphabet = {
  circle: closed(arc(0, 0, 0.9, 0.9)),
  square: closed([[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]]),
  triangle: closed(turned(3, () => 1)),
  star: closed(turned(10, (i) => (i % 2 === 0 ? 1 : 0.42))),
  cross: closed([
    [-0.3, -1], [0.3, -1], [0.3, -0.3], [1, -0.3], [1, 0.3], [0.3, 0.3],
    [0.3, 1], [-0.3, 1], [-0.3, 0.3], [-1, 0.3], [-1, -0.3], [-0.3, -0.3],
  ]),
  arrow: closed([[-1, -0.25], [0.1, -0.25], [0.1, -0.75], [1, 0], [0.1, 0.75], [0.1, 0.25], [-1, 0.25]]),
  heart: closed(smooth([[0, 1], [-0.6, 0.4], [-0.95, -0.3], [-0.55, -0.8], [0, -0.4], [0.55, -0.8], [0.95, -0.3], [0.6, 0.4], [0, 1]])),
  moon: closed([...arc(0, 0, 0.95, 0.95, 0.12, 0.88), ...arc(0.45, 0, 0.75, 0.75, 0.78, 0.22)]),
  zigzag: [open([[-1, 0.5], [-0.5, -0.5], [0, 0.5], [0.5, -0.5], [1, 0.5]])],
  spiral: [open(spiral)],
}; // biome-ignore format: tables of points

/** The digits, some in more than one way of writing. */
export const digits: Alphabet = {
  0: [open(arc(0, 0, 0.62, 0.95, -0.25, 0.78))],
  1: [open([[0.05, -0.95], [-0.05, 0.95]]), open([[-0.35, -0.55], [0.05, -0.95], [0.02, 0.95]])],
  2: [
    open(smooth([[-0.6, -0.5], [-0.2, -0.92], [0.4, -0.75], [0.4, -0.2], [-0.1, 0.4], [-0.6, 0.9]]), [[-0.6, 0.9], [0.65, 0.85]]),
    open(smooth([[-0.55, -0.6], [0, -0.95], [0.45, -0.5], [0.1, 0.2], [-0.4, 0.85], [-0.6, 0.6], [-0.2, 0.55], [0.3, 0.9], [0.7, 0.75]])),
  ],
  3: [open(smooth([[-0.5, -0.75], [0, -0.95], [0.45, -0.6], [0.15, -0.1], [-0.15, -0.02], [0.3, 0.1], [0.5, 0.5], [0.05, 0.95], [-0.55, 0.7]]))],
  4: [
    open([[-0.25, -0.95], [-0.6, 0.15], [0.65, 0.1]], [[0.3, -0.6], [0.2, 0.95]]),
    open([[0.3, -0.95], [-0.65, 0.25], [0.65, 0.25]], [[0.3, -0.95], [0.25, 0.95]]),
  ],
  5: [open([[0.55, -0.9], [-0.35, -0.85]], smooth([[-0.35, -0.85], [-0.45, -0.15], [0.1, -0.25], [0.5, 0.2], [0.3, 0.8], [-0.2, 0.95], [-0.6, 0.7]]))],
  6: [open(smooth([[0.4, -0.9], [-0.2, -0.5], [-0.5, 0.2], [-0.3, 0.85], [0.25, 0.9], [0.45, 0.4], [0.1, 0.05], [-0.45, 0.4]]))],
  7: [
    open([[-0.6, -0.8], [0.55, -0.85]], smooth([[0.55, -0.85], [0.15, 0], [-0.15, 0.95]])),
    open([[-0.6, -0.8], [0.55, -0.85]], smooth([[0.55, -0.85], [0.15, 0], [-0.15, 0.95]]), [[-0.25, 0.05], [0.5, 0]]),
  ],
  8: [
    open(smooth([[0.45, -0.7], [0, -0.95], [-0.4, -0.6], [0, -0.1], [0.45, 0.4], [0.1, 0.95], [-0.4, 0.65], [0, 0.05], [0.4, -0.4], [0.45, -0.7]])),
    open(arc(0, -0.48, 0.4, 0.45), arc(0, 0.46, 0.48, 0.48)),
  ],
  9: [
    open(smooth([[0.45, -0.6], [0, -0.92], [-0.45, -0.5], [-0.1, -0.05], [0.4, -0.35], [0.45, -0.6], [0.4, 0.1], [0.2, 0.95]])),
    open(smooth([[0.45, -0.6], [0, -0.92], [-0.45, -0.5], [-0.1, -0.05], [0.4, -0.35], [0.45, -0.6], [0.45, 0.4], [0, 0.95], [-0.45, 0.75]])),
  ],
}; // biome-ignore format: tables of points
