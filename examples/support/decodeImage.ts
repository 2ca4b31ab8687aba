/** Pictures in files: PNG and JPEG, decoded by pngjs and jpeg-js. */
import { readFile } from 'node:fs/promises';
import { decode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { check, fail } from 'scratchformer';

/** A picture of red, green and blue, each in [0, 1]. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Row by row, (height, width, 3). */
  readonly pixels: Float32Array;
}

/**
 * Reads a PNG or JPEG file, whichever it is by its first bytes; transparency is ignored. Errors name the
 * file.
 */
export async function decodeImage(path: string): Promise<Picture> {
  const where = `decodeImage "${path}"`;
  const bytes = await readFile(path).catch((error: Error) =>
    fail(where, 'the file can be read', error.message),
  );
  const kind = bytes.subarray(1, 4).toString('latin1') === 'PNG' ? 'PNG' : 'JPEG';
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  check(kind === 'PNG' || isJpeg, where, 'the file is a PNG or a JPEG', () => 'neither, by its first bytes');
  try {
    const options = { useTArray: true, tolerantDecoding: false } as const;
    const { width, height, data } = kind === 'PNG' ? PNG.sync.read(bytes) : decode(bytes, options);
    return { width, height, pixels: Float32Array.from({ length: width * height * 3 }, colourOf(data)) };
  } catch (error) {
    return fail(where, `the file is a whole ${kind}`, (error as Error).message);
  }
}

/** From four bytes for each pixel, the last its opacity, to three numbers. */
const colourOf = (data: Uint8Array) => (_: unknown, i: number) => data[i + Math.floor(i / 3)]! / 255;

/** The picture in another size: every pixel is the mean of what it covers of the given ones. */
export function resized(picture: Picture, width: number, height: number): Picture {
  const turned = averaged(picture.pixels, picture.height, height, picture.width * 3, 1);
  const pixels = averaged(turned, picture.width, width, 3, height);
  return { width, height, pixels };
}

/** Means along the middle axis of (outer, from, inner) → (outer, to, inner). */
function averaged(x: Float32Array, from: number, to: number, inner: number, outer: number): Float32Array {
  const y = new Float32Array(outer * to * inner);
  const step = from / to;
  for (let t = 0; t < to; t++) {
    const [start, end] = [t * step, (t + 1) * step];
    for (let f = Math.floor(start); f < Math.min(from, Math.ceil(end)); f++) {
      const share = (Math.min(f + 1, end) - Math.max(f, start)) / step;
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++)
          y[(o * to + t) * inner + i]! += share * x[(o * from + f) * inner + i]!;
      }
    }
  }
  return y;
}
