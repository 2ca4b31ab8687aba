import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { check, fail } from 'scratchformer';
import type { LabelledImages } from 'scratchformer/data';

/** A picture as bytes: red, green, blue and opacity for each pixel. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Reads PNG and JPEG files of one size from a folder that has a folder for each class. Pictures become grey
 * if all of them are; transparency is ignored. Errors name the file.
 */
export async function pictureFolder(folder: string): Promise<LabelledImages> {
  const where = `pictureFolder "${folder}"`;
  const entries = await readdir(folder, { withFileTypes: true });
  const classes = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  classes.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  check(
    classes.length >= 2,
    where,
    'there is a folder for each of two or more classes',
    () => classes.join(', ') || 'none',
  );
  const pictures: Picture[] = [];
  const labels: number[] = [];
  for (const [label, name] of classes.entries()) {
    const files = (await readdir(join(folder, name))).filter((file) => /\.(png|jpe?g)$/i.test(file)).sort();
    check(
      files.length > 0,
      where,
      'every class has a PNG or JPEG file',
      () => `none in the folder "${name}"`,
    );
    for (const file of files) {
      const path = join(folder, name, file);
      const picture = await readPicture(path);
      const [{ width, height } = picture] = pictures;
      check(
        picture.width === width && picture.height === height,
        `pictureFolder "${path}"`,
        `pictures are as large as the first one, ${width}×${height}`,
        () => `${picture.width}×${picture.height}`,
      );
      pictures.push(picture);
      labels.push(label);
    }
  }
  return { ...joined(pictures), labels: Int32Array.from(labels), classes };
}

/** Pixels of all pictures, in one channel if red, green and blue are always the same. */
function joined(pictures: readonly Picture[]): Pick<LabelledImages, 'pixels' | 'shape'> {
  const grey = pictures.every(({ data }) =>
    data.every((byte, i) => i % 4 === 3 || byte === data[i - (i % 4)]),
  );
  const [count, channels] = [pictures.length, grey ? 1 : 3];
  const { width, height } = pictures[0]!;
  const pixels = new Float32Array(count * height * width * channels);
  let at = 0;
  for (const { data } of pictures) {
    for (let pixel = 0; pixel < data.length; pixel += 4)
      for (let c = 0; c < channels; c++) pixels[at++] = data[pixel + c]! / 255;
  }
  return { pixels, shape: [count, height, width, channels] };
}

async function readPicture(path: string): Promise<Picture> {
  const where = `pictureFolder "${path}"`;
  const bytes = await readFile(path).catch((error: Error) =>
    fail(where, 'the file can be read', error.message),
  );
  const isPng = /\.png$/i.test(path);
  try {
    return isPng ? PNG.sync.read(bytes) : decode(bytes, { useTArray: true, tolerantDecoding: false });
  } catch (error) {
    return fail(where, `the file is a whole ${isPng ? 'PNG' : 'JPEG'}`, (error as Error).message);
  }
}
