import { check } from '../tensor/index.ts';
import type { LabelledImages } from './images.ts';
import { textFile } from './text.ts';

/**
 * Reads square images from a CSV file: in each line a label, any text, and the pixels from 0 to 255, row by
 * row; s·s of them are a grey image, s·s·3 one in colour (red, green, blue for each pixel). A first line
 * without numbers is left out. Errors name the file and the line.
 */
export async function csvImages(path: string): Promise<LabelledImages> {
  const { text, name } = await textFile(path);
  const where = `csvImages "${name}"`;
  const lines = text.split(/\r?\n/).map((line, i) => ({ cells: line.split(','), number: i + 1, line }));
  const rows = lines.filter(({ line }) => line.trim() !== '');
  if (rows[0] && rows[0].cells.length > 1 && rows[0].cells.slice(1).every((cell) => !isPixel(cell)))
    rows.shift();
  check(rows.length > 0, where, 'the file has at least one image', () => 'no line with numbers');
  const size = rows[0]!.cells.length - 1;
  const [height, channels] = squareOf(size) ?? [0, 0];
  check(
    height > 0,
    where,
    'a line is a label and the pixels of a square image, s·s or s·s·3 numbers',
    () => `${size} numbers in line ${rows[0]!.number}`,
  );
  const pixels = new Float32Array(rows.length * size);
  for (const [i, { cells, number }] of rows.entries()) {
    check(
      cells.length - 1 === size,
      where,
      `every line has a label and ${size} pixels, as line ${rows[0]!.number}`,
      () => `${cells.length - 1} pixels in line ${number}`,
    );
    check(cells[0]!.trim() !== '', where, 'every line begins with a label', () => `none in line ${number}`);
    for (let j = 0; j < size; j++) {
      const cell = cells[j + 1]!;
      check(
        isPixel(cell),
        where,
        'pixels are numbers from 0 to 255',
        () => `${JSON.stringify(cell)} in line ${number}, column ${j + 2}`,
      );
      pixels[i * size + j] = Number(cell) / 255;
    }
  }
  const names = rows.map(({ cells }) => cells[0]!.trim());
  const classes = [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const numbers = new Map(classes.map((label, i) => [label, i]));
  const labels = Int32Array.from(names, (label) => numbers.get(label)!);
  return { pixels, shape: [rows.length, height, height, channels], labels, classes };
}

function isPixel(cell: string): boolean {
  const value = Number(cell);
  return cell.trim() !== '' && value >= 0 && value <= 255;
}

/** Side and channels of a square image of so many numbers. */
function squareOf(size: number): [side: number, channels: number] | undefined {
  return [1, 3].flatMap((channels): [number, number][] => {
    const side = Math.sqrt(size / channels);
    return Number.isInteger(side) && side > 0 ? [[side, channels]] : [];
  })[0];
}
