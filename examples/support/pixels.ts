/** Small arrays of numbers as PNG pictures in the text of an SVG. */
import { PNG } from 'pngjs';

/** Red, green and blue, from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number];

/** A picture of height × width pixels as `data:image/png;…`, each drawn as a square of `scale` by `scale`. */
export function pictureOf(
  [height, width]: readonly number[],
  colour: (row: number, column: number) => Colour,
  scale = 4,
): string {
  const png = new PNG({ width: width! * scale, height: height! * scale });
  for (let y = 0; y < png.height; y++) {
    for (let x = 0; x < png.width; x++) {
      const rgb = colour(Math.floor(y / scale), Math.floor(x / scale)).map((value) =>
        Math.round(255 * value),
      );
      png.data.set([...rgb, 255], (y * png.width + x) * 4);
    }
  }
  return `data:image/png;base64,${PNG.sync.write(png).toString('base64')}`;
}

/** The colour of a number from −1 to 1: blue, white at 0, red. */
export function signed(value: number): Colour {
  const pale = 1 - Math.min(1, Math.abs(value));
  return value < 0
    ? [0.1 + 0.9 * pale, 0.3 + 0.7 * pale, 0.7 + 0.3 * pale]
    : [0.75 + 0.25 * pale, 0.15 + 0.85 * pale, 0.1 + 0.9 * pale];
}
