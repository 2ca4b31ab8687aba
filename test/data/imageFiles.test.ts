/** Images from files: MNIST's IDX files, CSV, folders of PNG and JPEG; whole ones and damaged ones. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { idxImages } from '../../examples/support/idxImages.ts';
import { pictureFolder } from '../../examples/support/pictureFolder.ts';
import { csvImages, imageBatch, type LabelledImages, someImages } from '../../src/data/index.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const bytes = (count: number, seed = 0) =>
  Uint8Array.from({ length: count }, (_, i) => (i * 37 + seed * 11) % 256);
const shares = (data: ArrayLike<number>) => Float32Array.from(data, (byte) => byte / 255);

describe('batches', () => {
  const images: LabelledImages = {
    pixels: Float32Array.of(0, 1, 2, 3, 4, 5),
    shape: [3, 1, 2, 1],
    labels: Int32Array.of(1, 0, 1),
    classes: ['a', 'b'],
  };

  test('have the images of the numbers given, in their order, as copies', () => {
    const { inputs, targets } = imageBatch(images, [2, 0, 2]);
    expect([inputs.toArray(), targets.toArray(), targets.dtype]).toEqual([
      [[[[4], [5]]], [[[0], [1]]], [[[4], [5]]]],
      [1, 1, 1],
      'int32',
    ]);
    inputs.data[0] = 9;
    expect(images.pixels[4]).toBe(4);
    expect(someImages(images, [1])).toEqual({
      ...images,
      pixels: Float32Array.of(2, 3),
      shape: [1, 1, 2, 1],
      labels: Int32Array.of(0),
    });
  });

  test('refuse numbers that no image has', () => {
    expect(() => imageBatch(images, [0, 3])).toThrow('someImages: numbers of images lie in [0, 3). got 3');
    expect(() => someImages(images, [])).toThrow('someImages: at least one image is asked for. got none.');
  });
});

/** The bytes of an IDX file. */
function idx(lengths: readonly number[], data: Uint8Array, magic = 0x800 + lengths.length): Buffer {
  const header = Buffer.alloc(4 + 4 * lengths.length);
  header.writeUInt32BE(magic, 0);
  for (const [i, length] of lengths.entries()) header.writeUInt32BE(length, 4 + 4 * i);
  return Buffer.concat([header, data]);
}

describe('idxImages', () => {
  const whole = {
    'train-images-idx3-ubyte': idx([3, 2, 4], bytes(24)),
    'train-labels-idx1-ubyte': idx([3], Uint8Array.of(4, 0, 2)),
    't10k-images-idx3-ubyte': idx([2, 2, 4], bytes(16, 1)),
    't10k-labels-idx1-ubyte': idx([2], Uint8Array.of(1, 4)),
  };
  function folderOf(files: Record<string, Uint8Array>): string {
    const folder = temporaryFolder();
    for (const [name, data] of Object.entries(files)) writeFileSync(join(folder, name), data);
    return folder;
  }

  test('reads plain files and packed ones, with either way to write their names', async () => {
    const packed = Object.entries(whole).map(([name, data]) => [
      `${name.replace('-idx', '.idx')}.gz`,
      gzipSync(data),
    ]);
    for (const files of [whole, Object.fromEntries(packed)]) {
      const { train, test } = await idxImages(folderOf(files));
      const classes = ['0', '1', '2', '3', '4'];
      expect(train).toEqual({
        pixels: shares(bytes(24)),
        shape: [3, 2, 4, 1],
        labels: Int32Array.of(4, 0, 2),
        classes,
      });
      expect(test).toEqual({
        pixels: shares(bytes(16, 1)),
        shape: [2, 2, 4, 1],
        labels: Int32Array.of(1, 4),
        classes,
      });
    }
  });

  test('takes the first ones, and does without a test file', async () => {
    const { 't10k-images-idx3-ubyte': _, ...files } = whole;
    const { train, test } = await idxImages(folderOf(files), 2);
    expect([train.pixels, train.shape, train.labels]).toEqual([
      shares(bytes(16)),
      [2, 2, 4, 1],
      Int32Array.of(4, 0),
    ]);
    expect([test, train.classes.length]).toEqual([null, 5]);
  });

  const [images, labels] = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'] as const;
  test.each<[string, Record<string, Uint8Array>, string]>([
    [
      'cut off',
      { [images]: whole[images].subarray(0, 39) },
      `${images}": 3×2×4 bytes follow the header. got 23. the file is cut off.`,
    ],
    [
      'too long',
      { [labels]: Buffer.concat([whole[labels], bytes(1)]) },
      `${labels}": 3 bytes follow the header. got 4. the file has more at its end.`,
    ],
    ['no header', { [images]: bytes(3) }, `${images}": the file has a header of 16 bytes. got 3 bytes.`],
    [
      'another kind of numbers',
      { [images]: idx([3, 2, 4], bytes(24), 0xd03) },
      `${images}": the file begins with 0, 0, 8, 3: bytes along 3 axes. got 0, 0, 13, 3.`,
    ],
    ['labels in place of images', { [images]: idx([3, 2, 4], bytes(24), 0x801) }, 'got 0, 0, 8, 1.'],
    [
      'a damaged archive',
      { [images]: gzipSync(whole[images]).subarray(0, 25) },
      `${images}": the file is packed by gzip, and whole. got unexpected end of file.`,
    ],
    [
      'too few labels',
      { [labels]: idx([2], Uint8Array.of(4, 0)) },
      `"${labels}": there is a label for each of the 3 images in ${images}. got 2 labels.`,
    ],
    [
      'no images',
      { [images]: idx([0, 2, 4], bytes(0)), [labels]: idx([0], bytes(0)) },
      `"${images}": there is at least one image. got none.`,
    ],
    [
      'test images of another size',
      { 't10k-images-idx3-ubyte': idx([2, 4, 2], bytes(16)) },
      '"t10k-images-idx3-ubyte": images are as large as those of the training file, 2×4. got 4×2.',
    ],
    [
      'an unknown label',
      { 't10k-labels-idx1-ubyte': idx([2], Uint8Array.of(1, 5)) },
      '"t10k-labels-idx1-ubyte": labels are those of the training file, 0 to 4. got label 5 of image 1.',
    ],
  ])('%s is an error that names the file', async (_, damaged, message) => {
    await expect(idxImages(folderOf({ ...whole, ...damaged }))).rejects.toThrow(message);
  });

  test('says what it looks for in a folder that lacks it', async () => {
    const folder = folderOf({ 'train-images-idx3-ubyte': whole['train-images-idx3-ubyte'] });
    await expect(idxImages(folder)).rejects.toThrow(
      'the folder has train-images-idx3-ubyte and train-labels-idx1-ubyte, perhaps with .gz. got train-images-idx3-ubyte.',
    );
    await expect(idxImages(join(folder, 'none'))).rejects.toThrow('the folder can be read. got ENOENT');
  });
});

describe('csvImages', () => {
  function csv(...lines: string[]): Promise<LabelledImages> {
    const path = join(temporaryFolder(), 'images.csv');
    writeFileSync(path, lines.join('\n'));
    return csvImages(path);
  }

  test('reads labels and pixels, with or without a line of names, any labels, any line ends', async () => {
    const grey = {
      pixels: shares([0, 51, 102, 255, 1, 2, 3, 4]),
      shape: [2, 2, 2, 1],
      labels: Int32Array.of(1, 0),
      classes: ['2', '10'],
    };
    expect(await csv('10,0,51,102,255', '2,1,2,3,4')).toEqual(grey);
    expect(await csv('label,1x1,1x2,2x1,2x2\r', '10,0,51, 102,255\r', '', '2,1,2,3,4', '')).toEqual(grey);
    const colour = await csv('cat,255,0,51', 'ant,0,0,255');
    expect(colour).toEqual({
      pixels: shares([255, 0, 51, 0, 0, 255]),
      shape: [2, 1, 1, 3],
      labels: Int32Array.of(1, 0),
      classes: ['ant', 'cat'],
    });
  });

  test.each<[string, string[], string]>([
    [
      'too few pixels',
      ['1,0,0,0,0', '2,0,0,0'],
      'every line has a label and 4 pixels, as line 1. got 3 pixels in line 2.',
    ],
    [
      'no square',
      ['1,0,0', '2,0,0'],
      'the pixels of a square image, s·s or s·s·3 numbers. got 2 numbers in line 1.',
    ],
    ['a word', ['1,0,0,0,0', '2,0,x,0,0'], 'pixels are numbers from 0 to 255. got "x" in line 2, column 3.'],
    ['a gap', ['1,0,0,0,0', '2,0,,0,0'], 'got "" in line 2, column 3.'],
    ['too bright', ['1,0,0,0,256'], 'got "256" in line 1, column 5.'],
    ['no label', ['1,0,0,0,0', ',0,0,0,0'], 'every line begins with a label. got none in line 2.'],
    ['names alone', ['label,a,b,c,d'], 'the file has at least one image. got no line with numbers.'],
  ])('%s is an error that names the file and the line', async (_, lines, message) => {
    const error = await csv(...lines).catch((error: Error) => error);
    expect(String(error)).toContain('csvImages "images.csv": ');
    expect(String(error)).toContain(message);
  });
});

describe('pictureFolder', () => {
  const [width, height] = [3, 2];
  const rgba = (colours: number[][]) => Buffer.from(colours.flatMap((colour) => [...colour, 255]));
  const greys = (seed: number) =>
    rgba(Array.from({ length: 6 }, (_, i) => Array(3).fill((40 * i + seed) % 256)));
  const png = (data: Buffer, options = {}) =>
    PNG.sync.write(Object.assign(new PNG({ width, height }), { data }), options);
  const jpeg = (data: Buffer) => encode({ data, width, height }, 100).data;
  function folderOf(files: Record<string, Uint8Array>): string {
    const folder = temporaryFolder();
    for (const [name, data] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), data);
    }
    return folder;
  }

  test('reads PNG and JPEG, a class from each folder; grey pictures have one channel', async () => {
    const images = await pictureFolder(
      folderOf({
        'cat/1.png': png(greys(3)),
        'ant/b.PNG': png(greys(9), { colorType: 0 }),
        'ant/a.jpg': jpeg(greys(20)),
        'ant/notes.txt': bytes(3),
      }),
    );
    expect([images.shape, images.labels, images.classes]).toEqual([
      [3, 2, 3, 1],
      Int32Array.of(0, 0, 1),
      ['ant', 'cat'],
    ]);
    const expected = [20, 9, 3].flatMap((seed) => Array.from({ length: 6 }, (_, i) => 40 * i + seed));
    const errors = expected.map((grey, i) => Math.abs(images.pixels[i]! * 255 - grey));
    expect(Math.max(...errors.slice(0, 6))).toBeLessThan(4); // JPEG is lossy
    expect(Math.max(...errors.slice(6))).toBeLessThan(1e-3);
  });

  test('one picture in colour gives all of them three channels, red first', async () => {
    const colour = rgba([[255, 0, 51], ...Array(5).fill([0, 0, 0])]);
    const images = await pictureFolder(folderOf({ 'a/1.png': png(greys(0)), 'b/1.png': png(colour) }));
    expect(images.shape).toEqual([2, 2, 3, 3]);
    expect([...images.pixels.subarray(18, 22)]).toEqual([...shares([255, 0, 51, 0])]);
    expect(images.pixels[3]).toBeCloseTo(40 / 255, 6);
  });

  test.each<[string, Record<string, Uint8Array>, string]>([
    [
      'another size',
      { 'b/2.png': PNG.sync.write(new PNG({ width: 2, height: 3 })) },
      'b/2.png": pictures are as large as the first one, 3×2. got 2×3.',
    ],
    [
      'a PNG that is cut off',
      { 'b/2.png': png(greys(1)).subarray(0, 50) },
      'b/2.png": the file is a whole PNG. got ',
    ],
    [
      'a PNG with a flipped bit',
      { 'b/2.png': png(greys(1)).map((byte, i) => (i === 45 ? byte ^ 1 : byte)) },
      'b/2.png": the file is a whole PNG. got ',
    ],
    [
      'a JPEG that is cut off',
      { 'b/2.jpeg': jpeg(greys(1)).subarray(0, 300) },
      'b/2.jpeg": the file is a whole JPEG. got ',
    ],
    ['a PNG that is none', { 'b/2.png': bytes(80) }, 'b/2.png": the file is a whole PNG. got '],
    ['an empty file', { 'b/2.jpg': bytes(0) }, 'b/2.jpg": the file is a whole JPEG. got '],
    [
      'an empty class',
      { 'c/readme.txt': bytes(3) },
      'every class has a PNG or JPEG file. got none in the folder "c".',
    ],
  ])('%s is an error that names it', async (_, damaged, message) => {
    const whole = { 'a/1.png': png(greys(0)), 'b/1.png': png(greys(1)) };
    await expect(pictureFolder(folderOf({ ...whole, ...damaged }))).rejects.toThrow(message);
  });

  test('one class is not enough', async () => {
    await expect(pictureFolder(folderOf({ 'a/1.png': png(greys(0)) }))).rejects.toThrow(
      'there is a folder for each of two or more classes. got a.',
    );
  });
});
