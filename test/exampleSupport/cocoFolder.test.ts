import { mkdirSync, writeFileSync } from 'node:fs';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { cocoFolder } from '../../examples/support/cocoFolder.ts';
import { decodeImage, resized } from '../../examples/support/decodeImage.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** The bytes of a picture, four for each pixel: left half red, right half blue. */
function halves(width: number, height: number): Buffer {
  const left = (i: number) => (Math.floor(i / 4) % width) * 2 < width;
  return Buffer.from(
    Array.from(
      { length: width * height * 4 },
      (_, i) => [left(i) ? 255 : 0, 51, left(i) ? 0 : 255, 255][i % 4]!,
    ),
  );
}
function png(width: number, height: number): Buffer {
  const file = new PNG({ width, height });
  file.data = halves(width, height);
  return PNG.sync.write(file);
}

const good = {
  images: [{ id: 7, file_name: 'b.png', width: 20, height: 10 }, { id: 3, file_name: 'a.jpg' }],
  categories: [{ id: 90, name: 'cat' }, { id: 2, name: 'dog' }],
  annotations: [
    { image_id: 7, category_id: 2, bbox: [10, 0, 10, 5] },
    { image_id: 7, category_id: 90, bbox: [0, 0, 20.5, 10], iscrowd: 0 },
    { image_id: 7, category_id: 90, bbox: [0, 0, 20, 10], iscrowd: 1 },
  ],
}; // biome-ignore format: a table

/** A folder with two pictures and what is said about them. */
function folderWith(json: unknown, files: Record<string, Buffer> = {}): string {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const jpeg = encode({ width: 16, height: 16, data: halves(16, 16) }, 95).data;
  const all = { 'b.png': png(20, 10), 'a.jpg': jpeg, ...files };
  for (const [name, bytes] of Object.entries(all)) writeFileSync(`${folder}/${name}`, bytes);
  writeFileSync(`${folder}/boxes.json`, typeof json === 'string' ? json : JSON.stringify(json));
  return folder;
}

test('reads pictures, classes in the order of the list, and boxes in parts of the picture', async () => {
  const { pictures, names } = await cocoFolder(folderWith(good), 4);
  expect(names).toEqual(['cat', 'dog']);
  expect(pictures.map(({ classes }) => classes)).toEqual([[1, 0], []]);
  expect(pictures[0]!.boxes).toEqual([[0.75, 0.25, 0.5, 0.5], [0.5, 0.5, 1, 1]]); // biome-ignore format: the second is cut off at the edge
  for (const { pixels, width, height } of pictures) {
    expect([width, height, pixels.length]).toEqual([4, 4, 48]);
    for (const [i, value] of [1, 0.2, 0, 1, 0.2, 0, 0, 0.2, 1].entries()) expect(Math.abs(pixels[i]! - value)).toBeLessThan(0.03); // biome-ignore format: one line
  }
});

test('a picture in another size has the means of what its pixels cover', () => {
  const picture = {
    width: 3,
    height: 2,
    pixels: Float32Array.from({ length: 18 }, (_, i) => (i % 3 === 0 ? i / 3 : 0)),
  };
  const { pixels } = resized(picture, 2, 1); // red: rows 0 1 2 and 3 4 5
  expect(pixels[0]).toBeCloseTo((0 + 3 + (1 + 4) / 2) / 3, 6);
  expect(pixels[3]).toBeCloseTo((2 + 5 + (1 + 4) / 2) / 3, 6);
  expect(resized(picture, 3, 2).pixels).toEqual(picture.pixels);
  const larger = resized(picture, 6, 4).pixels;
  expect([larger[0], larger[3], larger[6], larger[3 * 6 * 3]]).toEqual([0, 0, 1, 3]);
});

test.each([
  ['{ "images": [', 'boxes.json": the file is JSON. got '],
  ['null', 'the file is { images, annotations, categories }, three lists. got no list "images".'],
  [{ ...good, categories: {} }, 'got no list "categories".'],
  [{ ...good, annotations: [null] }, 'annotations are objects. got null.'],
  [{ ...good, images: [] }, 'images are not empty. got none.'],
  [{ ...good, images: [{ id: 7 }] }, 'images have an id of their own and a file_name. got {"id":7}.'],
  [{ ...good, categories: [good.categories[0], good.categories[0]] }, 'categories have an id of their own and a name.'],
  [{ ...good, annotations: [{ image_id: 8, category_id: 2, bbox: [0, 0, 1, 1] }] }, 'the image of annotation 0 is in the list. got id 8.'],
  [{ ...good, annotations: [{ image_id: 7, category_id: 1, bbox: [0, 0, 1, 1] }] }, 'the category of annotation 0 is known. got id 1.'],
  [{ ...good, annotations: [{ image_id: 7, category_id: 2, bbox: [0, 0, 1] }] }, 'the bbox of annotation 0 is four numbers, [x, y, width, height], the last two above 0. got [0,0,1].'],
  [{ ...good, annotations: [{ image_id: 7, category_id: 2 }] }, 'got nothing.'],
  [{ ...good, annotations: [{ image_id: 7, category_id: 2, bbox: [5, 5, 0, 3] }] }, 'got [5,5,0,3].'],
  [{ ...good, annotations: [{ image_id: 7, category_id: 2, bbox: [5, 5, 20, 3] }] }, 'boxes lie in their picture; "b.png" is 20×10. got [5, 5, 20, 3].'],
  [{ ...good, images: [...good.images, { id: 1, file_name: 'c.png' }] }, 'c.png": the file can be read. got ENOENT'],
])('refuses %j', async (json, message) => {
  await expect(cocoFolder(folderWith(json), 4)).rejects.toThrow(message);
}); // biome-ignore format: a table

test('refuses damaged pictures, other files, and folders without one JSON file, by their names', async () => {
  const damaged = folderWith(good, { 'b.png': png(20, 10).subarray(0, 60), 'a.jpg': Buffer.from('hello') });
  await expect(cocoFolder(damaged, 4)).rejects.toThrow('b.png": the file is a whole PNG. got ');
  await expect(decodeImage(`${damaged}/a.jpg`)).rejects.toThrow(
    'a.jpg": the file is a PNG or a JPEG. got neither',
  );
  const cut = folderWith(good, { 'a.jpg': Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]) });
  await expect(decodeImage(`${cut}/a.jpg`)).rejects.toThrow('a.jpg": the file is a whole JPEG. got ');
  writeFileSync(`${cut}/more.json`, '{}');
  await expect(cocoFolder(cut, 4)).rejects.toThrow(
    'there is one JSON file, with the boxes of the pictures. got boxes.json, more.json.',
  );
  await expect(cocoFolder(`${cut}/nowhere`, 4)).rejects.toThrow(
    'cocoFolder: the folder can be read. got ENOENT',
  );
});
