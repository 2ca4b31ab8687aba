/** Draws a scene, pixel by pixel. */
import { type Colour, FRAMES, type Kind, type Point, type Scene, type Shape, SIZE } from './filmScenes.ts';
import type { Random } from './rule.ts';

const rgb: Record<Colour, readonly [number, number, number]> = {
  red: [0.95, 0.2, 0.2],
  green: [0.2, 0.8, 0.3],
  blue: [0.3, 0.4, 1],
  yellow: [0.95, 0.85, 0.2],
};
const BACKGROUND = 0.15;

/** Whether a point, seen from the centre and measured in radii, lies in the shape. */
const contains: Record<Kind, (x: number, y: number) => boolean> = {
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) <= 1,
  triangle: (x, y) => y <= 1 && Math.abs(x) <= (y + 1) / 2, // it stands on its base
  bar: (x, y) => Math.abs(x) <= 1 && Math.abs(y) <= 0.4,
  pole: (x, y) => Math.abs(x) <= 0.4 && Math.abs(y) <= 1,
};

/** Draws a film, (T, H, W, 3) from 0 to 1, with uniform noise of at most `noise` on every number. */
export function drawFilm(scene: Scene, noise: number, random: Random): Float32Array {
  const pixels = new Float32Array(FRAMES * SIZE * SIZE * 3).fill(BACKGROUND);
  const { first, second, firstInFront } = scene;
  for (let t = 0; t < FRAMES; t++) {
    const frame = pixels.subarray(t * SIZE * SIZE * 3, (t + 1) * SIZE * SIZE * 3);
    for (const shape of firstInFront ? [second, first] : [first, second]) paint(frame, shape, shape.path[t]!);
  }
  if (noise === 0) return pixels;
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = Math.min(1, Math.max(0, pixels[i]! + noise * (2 * random() - 1)));
  }
  return pixels;
}

/** The area, in pixels and over all pictures, that both shapes would fill: there one hides the other. */
export function overlap({ first, second }: Scene): number {
  let area = 0;
  for (let t = 0; t < FRAMES; t++) {
    const [a, b] = [first.path[t]!, second.path[t]!];
    if (Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) > first.radius + second.radius) continue;
    eachPixel(a, first.radius, (x, y) => {
      area += coverage(first, a, x, y) * coverage(second, b, x, y);
    });
  }
  return area;
}

function paint(frame: Float32Array, shape: Shape, centre: Point): void {
  const colour = rgb[shape.colour].map((value) => shape.brightness * value);
  eachPixel(centre, shape.radius, (x, y) => {
    const share = coverage(shape, centre, x, y);
    const at = (y * SIZE + x) * 3;
    for (let c = 0; c < 3; c++) frame[at + c] = (1 - share) * frame[at + c]! + share * colour[c]!;
  });
}

function eachPixel({ x: cx, y: cy }: Point, radius: number, visit: (x: number, y: number) => void): void {
  const clamp = (value: number) => Math.min(SIZE, Math.max(0, value));
  for (let y = clamp(Math.floor(cy - radius)); y < clamp(Math.ceil(cy + radius)); y++) {
    for (let x = clamp(Math.floor(cx - radius)); x < clamp(Math.ceil(cx + radius)); x++) visit(x, y);
  }
}

/** The share of a pixel that a shape fills, by a look at four points of it. */
function coverage({ kind, radius }: Shape, centre: Point, x: number, y: number): number {
  const isInside = contains[kind];
  let inside = 0;
  for (let i = 0; i < 4; i++) {
    const [dx, dy] = [i % 2 === 0 ? 0.25 : 0.75, i < 2 ? 0.25 : 0.75];
    if (isInside((x + dx - centre.x) / radius, (y + dy - centre.y) / radius)) inside++;
  }
  return inside / 4;
}
