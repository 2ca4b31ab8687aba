import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { LabelledImages } from 'scratchformer/data';
import { check, fail } from 'scratchformer/tensor';

/** Images to learn from, and to test on if there is a test file. */
export interface IdxImages {
  readonly train: LabelledImages;
  readonly test: LabelledImages | null;
}

/**
 * Reads a folder with the files of MNIST, as they are or packed by gzip: train-images-idx3-ubyte and
 * train-labels-idx1-ubyte, perhaps t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte.
 *
 * An IDX file is 0, 0, the type (8: bytes), the number of axes, the length of each axis as 4 bytes, the
 * largest first, and the data. Classes are the numbers up to the largest in the training file. Errors name
 * the file: missing, damaged, of another kind, longer or shorter than it says, labels that do not fit.
 *
 * @param most images to take from each file, from its start; default all
 */
export async function idxImages(folder: string, most = Number.POSITIVE_INFINITY): Promise<IdxImages> {
  const names = await readdir(folder).catch((error: Error) =>
    fail(`idxImages "${folder}"`, 'the folder can be read', error.message),
  );
  const find = (start: string, axes: number) =>
    names.find((name) => new RegExp(`^${start}[-.]idx${axes}-ubyte(\\.gz)?$`).test(name));
  const pair = (part: string) => [find(`${part}-images`, 3), find(`${part}-labels`, 1)] as const;
  const [images, labels] = pair('train');
  check(
    images !== undefined && labels !== undefined,
    `idxImages "${folder}"`,
    'the folder has train-images-idx3-ubyte and train-labels-idx1-ubyte, perhaps with .gz',
    () => names.slice(0, 8).join(', ') || 'an empty folder',
  );
  const train = await readPair(folder, images, labels, { most });
  const [testImages, testLabels] = pair('t10k');
  if (testImages === undefined || testLabels === undefined) return { train, test: null };
  return { train, test: await readPair(folder, testImages, testLabels, { most, like: train }) };
}

/** Whether a folder has a file of this kind. */
export const hasIdx = (names: readonly string[]): boolean =>
  names.some((name) => /[-.]idx\d-ubyte(\.gz)?$/.test(name));

/** @param options.like images whose size and classes these have too */
async function readPair(
  folder: string,
  images: string,
  labels: string,
  { most, like }: { readonly most: number; readonly like?: LabelledImages },
): Promise<LabelledImages> {
  const pixels = await readIdx(join(folder, images), 3);
  const classes = await readIdx(join(folder, labels), 1);
  const [count, height, width] = pixels.lengths as [number, number, number];
  check(
    classes.lengths[0] === count,
    `idxImages "${labels}"`,
    `there is a label for each of the ${count} images in ${images}`,
    () => `${classes.lengths[0]} labels`,
  );
  check(count > 0, `idxImages "${images}"`, 'there is at least one image', () => 'none');
  const known = like?.classes.length ?? 1 + classes.data.reduce((a, b) => Math.max(a, b));
  const strange = classes.data.findIndex((label) => label >= known);
  check(
    strange === -1,
    `idxImages "${labels}"`,
    `labels are those of the training file, 0 to ${known - 1}`,
    () => `label ${classes.data[strange]} of image ${strange}`,
  );
  check(
    like === undefined || (like.shape[1] === height && like.shape[2] === width),
    `idxImages "${images}"`,
    `images are as large as those of the training file, ${like?.shape[1]}×${like?.shape[2]}`,
    () => `${height}×${width}`,
  );
  const taken = Math.min(count, most);
  return {
    pixels: Float32Array.from(pixels.data.subarray(0, taken * height * width), (byte) => byte / 255),
    shape: [taken, height, width, 1],
    labels: Int32Array.from(classes.data.subarray(0, taken)),
    classes: Array.from({ length: known }, (_, label) => `${label}`),
  };
}

/** The lengths of the axes of an IDX file of bytes, and its data. */
async function readIdx(path: string, axes: number): Promise<{ lengths: number[]; data: Uint8Array }> {
  const where = `idxImages ${JSON.stringify(path)}`;
  const file = await readFile(path).catch((error: Error) =>
    fail(where, 'the file can be read', error.message),
  );
  const bytes = unpacked(where, file);
  const start = 4 + 4 * axes;
  check(
    bytes.length >= start,
    where,
    `the file has a header of ${start} bytes`,
    () => `${bytes.length} bytes`,
  );
  check(
    bytes.readUInt32BE(0) === 0x800 + axes,
    where,
    `the file begins with 0, 0, 8, ${axes}: bytes along ${axes} axes`,
    () => [...bytes.subarray(0, 4)].join(', '),
  );
  const lengths = Array.from({ length: axes }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const size = lengths.reduce((a, b) => a * b, 1);
  check(
    bytes.length === start + size,
    where,
    `${lengths.join('×')} bytes follow the header`,
    () => `${bytes.length - start}`,
    () => (bytes.length < start + size ? 'the file is cut off' : 'the file has more at its end'),
  );
  return { lengths, data: bytes.subarray(start) };
}

function unpacked(where: string, file: Buffer): Buffer {
  if (file[0] !== 0x1f || file[1] !== 0x8b) return file;
  try {
    return gunzipSync(file);
  } catch (error) {
    return fail(where, 'the file is packed by gzip, and whole', (error as Error).message);
  }
}
