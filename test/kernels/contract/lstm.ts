/** The pointwise part of an LSTM step. */
import { expect, test } from 'vitest';
import { uniform, type Zoneout } from '../../../src/kernels/index.ts';
import {
  expectNear,
  filled,
  gradTolerance,
  normals,
  numericGrad,
  output,
  type Subject,
  tolerance,
} from './harness.ts';

const sigma = (x: number) => 1 / (1 + Math.exp(-x));

/** h, c and the activated gates, one after the other in one list. */
function cellOf(
  gates: ArrayLike<number>,
  hPrevious: ArrayLike<number>,
  cPrevious: ArrayLike<number>,
  H: number,
  { hidden, cell, seeds }: Zoneout,
) {
  const [h, c, activated] = [[] as number[], [] as number[], Array.from(gates)];
  const chosen = (at: number, p: number, seed: number | undefined, now: number, before: number) =>
    seed === undefined ? p * before + (1 - p) * now : uniform(seed, at) < p ? before : now;
  for (let at = 0; at < hPrevious.length; at++) {
    const [row, j] = [Math.floor(at / H), at % H];
    const place = (gate: number) => (4 * row + gate) * H + j;
    for (const gate of [0, 1, 3]) activated[place(gate)] = sigma(gates[place(gate)]!);
    activated[place(2)] = Math.tanh(gates[place(2)]!);
    const [i, f, g, o] = [0, 1, 2, 3].map((gate) => activated[place(gate)]!) as [
      number,
      number,
      number,
      number,
    ];
    const newC = f * cPrevious[at]! + i * g;
    c.push(chosen(at, cell, seeds?.cell, newC, cPrevious[at]!));
    h.push(chosen(at, hidden, seeds?.hidden, o * Math.tanh(newC), hPrevious[at]!));
  }
  return { h, c, activated };
}

const zoneouts: [string, Zoneout][] = [
  ['no zoneout', { hidden: 0, cell: 0, seeds: { hidden: 1, cell: 2 } }],
  ['random zoneout', { hidden: 0.3, cell: 0.6, seeds: { hidden: -77, cell: 2 ** 31 - 1 } }],
  ['the expectation', { hidden: 0.3, cell: 0.6, seeds: null }],
];

export function lstmContract({ kernels, dtype }: Subject): void {
  test.each([
    [0, 3],
    [1, 1],
    [3, 5],
    [2, 17],
    [7, 8],
  ] as const)('a step of %i×%i and its gradient', (B, H) => {
    for (const [what, zoneout] of zoneouts) {
      const [sums, hPrevious, cPrevious] = [4, 1, 1].map((n) => normals(dtype, n * B * H, 2)) as [
        never,
        never,
        never,
      ];
      const [h, c, gates] = [output(dtype, B * H), output(dtype, B * H), filled(dtype, sums)];
      kernels.lstmCell(h, c, gates, hPrevious, cPrevious, B, H, zoneout);
      const expected = cellOf(sums, hPrevious, cPrevious, H, zoneout);
      expectNear(`h, ${what}`, h, expected.h, tolerance[dtype]);
      expectNear(`c, ${what}`, c, expected.c, tolerance[dtype]);
      expectNear(`gates, ${what}`, gates, expected.activated, tolerance[dtype]);

      const [dh, dc] = [normals(dtype, B * H), normals(dtype, B * H)];
      const [dgates, dhPrevious, dcPrevious] = [4, 1, 1].map((n) => normals(dtype, n * B * H)) as [
        never,
        never,
        never,
      ];
      const [hBefore, cBefore] = [Array.from<number>(dhPrevious), Array.from<number>(dcPrevious)];
      kernels.lstmCellGrad(dgates, dhPrevious, dcPrevious, dh, dc, gates, cPrevious, B, H, zoneout);
      const upstream = [...dh, ...dc];
      const grad = (f: (x: number[]) => ReturnType<typeof cellOf>, x: ArrayLike<number>) =>
        numericGrad((at) => [...f(at).h, ...f(at).c], x, upstream);
      const tolerated = gradTolerance[dtype];
      const ofGates = grad((at) => cellOf(at, hPrevious, cPrevious, H, zoneout), sums);
      const ofH = grad((at) => cellOf(sums, at, cPrevious, H, zoneout), hPrevious);
      const ofC = grad((at) => cellOf(sums, hPrevious, at, H, zoneout), cPrevious);
      const added = (before: number[], more: number[]) => before.map((value, i) => value + more[i]!);
      expectNear(`dgates, ${what}`, dgates, ofGates, tolerated);
      expectNear(`dhPrevious, ${what}`, dhPrevious, added(hBefore, ofH), tolerated);
      expectNear(`dcPrevious, ${what}`, dcPrevious, added(cBefore, ofC), tolerated);
    }
  });

  test('gates of ±∞ and ±1e4 are shut or open; NaN reaches its own element only', () => {
    const [h, c] = [output(dtype, 3), output(dtype, 3)];
    // i, f, g, o of three elements: open, forgetting, NaN
    const gates = filled(
      dtype,
      [
        [1e4, -Infinity, 0],
        [1e4, -1e4, 0],
        [Infinity, 1e4, Number.NaN],
        [Infinity, 1e4, 0],
      ].flat(),
    );
    const none = { hidden: 0, cell: 0, seeds: null };
    kernels.lstmCell(h, c, gates, filled(dtype, [9, 9, 9]), filled(dtype, [2, 3, 4]), 1, 3, none);
    expectNear('c', c, [3, 0, Number.NaN], tolerance[dtype]);
    expectNear('h', h, [Math.tanh(3), 0, Number.NaN], tolerance[dtype]);
    expect([...gates.subarray(9)]).toEqual([1, 1, 0.5]);
  });
}
