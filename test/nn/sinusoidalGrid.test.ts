import { expect, test } from 'vitest';
import { sinusoidalGrid } from '../../src/nn/index.ts';

const SCALE = 2 * Math.PI;

test('rows in the first half of the channels, columns in the second, row by row', () => {
  const grid = sinusoidalGrid([2, 3], 8, { temperature: 100 }).toArray() as number[][];
  const code = (angle: number) => [
    Math.sin(angle),
    Math.cos(angle),
    Math.sin(angle / 10),
    Math.cos(angle / 10),
  ];
  for (const [place, row] of grid.entries()) {
    const [y, x] = [Math.floor(place / 3), place % 3];
    const expected = [...code((SCALE * (y + 1)) / (2 + 1e-6)), ...code((SCALE * (x + 1)) / (3 + 1e-6))];
    for (const [c, value] of expected.entries()) expect(row[c]).toBeCloseTo(value, 5);
  }
});

test('the same place of images of any size has the same positions', () => {
  const [small, large] = [sinusoidalGrid([1, 2], 16), sinusoidalGrid([1, 4], 16)];
  for (let c = 0; c < 16; c++) expect(large.data[16 + c]).toBeCloseTo(small.data[c]!, 5); // 2/4 and 1/2
});

test('bad options', () => {
  expect(() => sinusoidalGrid([2, 2], 6)).toThrow(
    'sinusoidalGrid: channels / 4 is a whole number ≥ 1. got 1.5.',
  );
  expect(() => sinusoidalGrid([2, 2], 8, { temperature: 0 })).toThrow('temperature is > 0. got 0.');
});
