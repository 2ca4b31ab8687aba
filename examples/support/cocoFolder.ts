/**
 * Folders of pictures and their boxes, as COCO has them: image files, and one JSON file about all of them.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, fail } from 'scratchformer';
import { decodeImage, type Picture, resized } from './decodeImage.ts';

/** A picture, and the class and the box of each object on it: (cx, cy, w, h) in parts of the picture. */
export interface BoxedPicture extends Picture {
  readonly classes: readonly number[];
  readonly boxes: readonly (readonly [cx: number, cy: number, width: number, height: number])[];
}

export interface BoxedPictures {
  readonly pictures: readonly BoxedPicture[];
  /** Names of the classes. */
  readonly names: readonly string[];
}

interface Annotated {
  readonly images: readonly { readonly id: number; readonly file_name: string }[];
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly annotations: readonly {
    readonly image_id: number;
    readonly category_id: number;
    /** In pixels: its left and upper edge, width and height. */
    readonly bbox: readonly [x: number, y: number, width: number, height: number];
    /** 1 where one box is around many. */
    readonly iscrowd?: number;
  }[];
}

/**
 * Reads the one JSON file of a folder, { images, annotations, categories }, and the PNG and JPEG files that
 * it names, each made `size` by `size`. Boxes around crowds are left out. Errors name the file, and nothing
 * is half read.
 */
export async function cocoFolder(folder: string, size: number): Promise<BoxedPictures> {
  const files = await readdir(folder).catch((error: Error) =>
    fail('cocoFolder', 'the folder can be read', error.message),
  );
  const jsons = files.filter((name) => name.endsWith('.json'));
  check(
    jsons.length === 1,
    `cocoFolder "${folder}"`,
    'there is one JSON file, with the boxes of the pictures',
    () => jsons.join(', ') || 'none',
  );
  const path = join(folder, jsons[0]!);
  const { images, annotations, categories } = checkAnnotated(`cocoFolder "${path}"`, await readJson(path));
  const label = new Map(categories.map(({ id }, i) => [id, i]));
  const pictures: BoxedPicture[] = [];
  for (const { id, file_name } of images) {
    const file = join(folder, file_name);
    const picture = await decodeImage(file);
    const own = annotations.filter(({ image_id, iscrowd }) => image_id === id && iscrowd !== 1);
    const boxes = own.map(({ bbox }) => inParts(`cocoFolder "${path}"`, bbox, picture, file_name));
    const classes = own.map(({ category_id }) => label.get(category_id)!);
    pictures.push({ ...resized(picture, size, size), classes, boxes });
  }
  return { pictures, names: categories.map(({ name }) => name) };
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return fail(`cocoFolder "${path}"`, 'the file is JSON', (error as Error).message);
  }
}

/** Checks all that can be known without the pictures. */
function checkAnnotated(where: string, json: unknown): Annotated {
  const all = json as Annotated;
  for (const key of ['images', 'annotations', 'categories'] as const) {
    check(
      Array.isArray(all?.[key]),
      where,
      'the file is { images, annotations, categories }, three lists',
      () => `no list "${key}"`,
    );
    const stranger = all[key].findIndex((entry: unknown) => typeof entry !== 'object' || entry === null);
    check(stranger === -1, where, `${key} are objects`, () => `${JSON.stringify(all[key][stranger])}`);
  }
  checkIds(where, 'images', 'file_name', all.images);
  checkIds(where, 'categories', 'name', all.categories);
  const [images, categories] = [all.images, all.categories].map((list) => new Set(list.map(({ id }) => id)));
  for (const [i, { image_id, category_id, bbox }] of all.annotations.entries()) {
    const which = `annotation ${i}`;
    check(images!.has(image_id), where, `the image of ${which} is in the list`, () => `id ${image_id}`);
    check(
      categories!.has(category_id),
      where,
      `the category of ${which} is known`,
      () => `id ${category_id}`,
    );
    check(
      Array.isArray(bbox) && bbox.length === 4 && bbox.every(Number.isFinite) && bbox[2] > 0 && bbox[3] > 0,
      where,
      `the bbox of ${which} is four numbers, [x, y, width, height], the last two above 0`,
      () => JSON.stringify(bbox) ?? 'nothing',
    );
  }
  return all;
}

/** Checks that entries have an id of their own, and a text. */
function checkIds<Text extends string>(
  where: string,
  list: string,
  text: Text,
  entries: readonly ({ readonly id: number } & Readonly<Record<Text, string>>)[],
): void {
  check(entries.length > 0, where, `${list} are not empty`, () => 'none');
  const ids = new Set<number>();
  for (const entry of entries) {
    const good = Number.isInteger(entry.id) && !ids.has(entry.id) && typeof entry[text] === 'string';
    check(good, where, `${list} have an id of their own and a ${text}`, () => JSON.stringify(entry));
    ids.add(entry.id);
  }
}

/**
 * From pixels to parts of the picture. One pixel beyond an edge is rounding, and cut off; more is an error.
 */
function inParts(
  where: string,
  [x, y, w, h]: readonly [number, number, number, number],
  { width, height }: Picture,
  name: string,
): BoxedPicture['boxes'][number] {
  check(
    x >= -1 && y >= -1 && x + w <= width + 1 && y + h <= height + 1,
    where,
    `boxes lie in their picture; "${name}" is ${width}×${height}`,
    () => `[${x}, ${y}, ${w}, ${h}]`,
    () => 'a bbox is [x, y, width, height] in pixels, from the upper left corner',
  );
  const [left, right] = [Math.max(0, x) / width, Math.min(width, x + w) / width];
  const [top, bottom] = [Math.max(0, y) / height, Math.min(height, y + h) / height];
  return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top];
}
