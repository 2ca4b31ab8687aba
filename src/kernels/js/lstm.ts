/**
 * The pointwise part of one step of an LSTM. For each element, with the sums of its gates i, f, g, o:
 *
 *   i, f, o ← σ(i), σ(f), σ(o),  g ← tanh g,  c̃ = f·cPrevious + i·g,  h̃ = o·tanh c̃
 *   c ← n·c̃ + (1 − n)·cPrevious,  h ← m·h̃ + (1 − m)·hPrevious
 *
 * n and m are zoneout: in training 1 or 0, the new value or the previous one; in evaluation their means.
 */
import type { FloatArray } from '../../tensor/index.ts';
import type { Zoneout } from '../contract.ts';
import { keeps } from './dropout.ts';

export function lstmCell(
  h: FloatArray,
  c: FloatArray,
  gates: FloatArray,
  hPrevious: FloatArray,
  cPrevious: FloatArray,
  B: number,
  H: number,
  { hidden, cell, seeds }: Zoneout,
): void {
  for (let at = 0; at < B * H; at++) {
    const [atI, atF, atG, atO] = gatesOf(at, H);
    const i = sigmoid(gates[atI]!);
    const f = sigmoid(gates[atF]!);
    const g = Math.tanh(gates[atG]!);
    const o = sigmoid(gates[atO]!);
    gates[atI] = i;
    gates[atF] = f;
    gates[atG] = g;
    gates[atO] = o;
    const newC = f * cPrevious[at]! + i * g;
    const newH = o * Math.tanh(newC);
    const n = shareOfNew(cell, seeds?.cell, at);
    const m = shareOfNew(hidden, seeds?.hidden, at);
    c[at] = n * newC + (1 - n) * cPrevious[at]!;
    h[at] = m * newH + (1 - m) * hPrevious[at]!;
  }
}

/** c̃ is computed again rather than stored. */
export function lstmCellGrad(
  dgates: FloatArray,
  dhPrevious: FloatArray,
  dcPrevious: FloatArray,
  dh: FloatArray,
  dc: FloatArray,
  gates: FloatArray,
  cPrevious: FloatArray,
  B: number,
  H: number,
  { hidden, cell, seeds }: Zoneout,
): void {
  for (let at = 0; at < B * H; at++) {
    const [atI, atF, atG, atO] = gatesOf(at, H);
    const [i, f, g, o] = [gates[atI]!, gates[atF]!, gates[atG]!, gates[atO]!];
    const t = Math.tanh(f * cPrevious[at]! + i * g);
    const n = shareOfNew(cell, seeds?.cell, at);
    const m = shareOfNew(hidden, seeds?.hidden, at);
    const dNewH = m * dh[at]!;
    const dNewC = n * dc[at]! + dNewH * o * (1 - t * t);
    dgates[atI] = dNewC * g * i * (1 - i);
    dgates[atF] = dNewC * cPrevious[at]! * f * (1 - f);
    dgates[atG] = dNewC * i * (1 - g * g);
    dgates[atO] = dNewH * t * o * (1 - o);
    dcPrevious[at]! += dNewC * f + (1 - n) * dc[at]!;
    dhPrevious[at]! += (1 - m) * dh[at]!;
  }
}

/** Where the gates of an element are: a row of them is i, f, g, o, each H long. */
function gatesOf(at: number, H: number): [i: number, f: number, g: number, o: number] {
  const first = at + 3 * H * Math.floor(at / H);
  return [first, first + H, first + 2 * H, first + 3 * H];
}

function shareOfNew(p: number, seed: number | undefined, at: number): number {
  if (seed === undefined) return 1 - p;
  return keeps(seed, at, p) ? 1 : 0;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
