import type { FloatArray } from '../../tensor/index.ts';
import type { Zoneout } from '../contract.ts';
import { uniform } from './uniform.ts';

/**
 * The pointwise part of one step of an LSTM. For each element, with the sums of its gates i, f, g, o:
 *
 *   i, f, o ← σ(i), σ(f), σ(o),  g ← tanh g,  c̃ = f·cPrevious + i·g,  h̃ = o·tanh c̃
 *   c ← n·c̃ + (1 − n)·cPrevious,  h ← m·h̃ + (1 − m)·hPrevious
 *
 * n and m are zoneout: in training 1 or 0, the new value or the previous one; in evaluation their means.
 *
 * Outputs: h and c (B, H). `gates` (B, 4H) is input and output: the sums come in, their activations are left,
 * for backward.
 * Inputs: hPrevious and cPrevious (B, H).
 */
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
    // pass 1: the gates
    const i = sigmoid(gates[atI]!);
    const f = sigmoid(gates[atF]!);
    const g = Math.tanh(gates[atG]!);
    const o = sigmoid(gates[atO]!);
    gates[atI] = i;
    gates[atF] = f;
    gates[atG] = g;
    gates[atO] = o;
    // pass 2: the new values c̃ and h̃
    const newC = f * cPrevious[at]! + i * g;
    const newH = o * Math.tanh(newC);
    // pass 3: zoneout, a share of the new value and the rest of the previous one
    const n = shareOfNew(cell, seeds?.cell, at);
    const m = shareOfNew(hidden, seeds?.hidden, at);
    c[at] = n * newC + (1 - n) * cPrevious[at]!;
    h[at] = m * newH + (1 - m) * hPrevious[at]!;
  }
}

/**
 * The gradient of `lstmCell`, last pass first; c̃ is computed again rather than stored.
 *
 * Output: dgates (B, 4H), the gradient of the four sums. dhPrevious and dcPrevious (B, H) are inputs and
 * outputs: what does not go through the sums is added to them.
 * Inputs: dh and dc (B, H), `gates` as lstmCell left them, cPrevious (B, H).
 */
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
    // back through pass 3; forward: c = n·c̃ + (1 − n)·cPrevious, h = m·h̃ + (1 − m)·hPrevious
    const n = shareOfNew(cell, seeds?.cell, at);
    const m = shareOfNew(hidden, seeds?.hidden, at);
    const dNewH = m * dh[at]!;
    // back through pass 2; forward: h̃ = o·tanh c̃, so c̃ gets a gradient from c and from h
    const dNewC = n * dc[at]! + dNewH * o * (1 - t * t);
    // back through passes 2 and 1; forward: c̃ = f·cPrevious + i·g, h̃ = o·tanh c̃, and the gates.
    // σ′ = σ(1 − σ), tanh′ = 1 − tanh²
    dgates[atI] = dNewC * g * i * (1 - i);
    dgates[atF] = dNewC * cPrevious[at]! * f * (1 - f);
    dgates[atG] = dNewC * i * (1 - g * g);
    dgates[atO] = dNewH * t * o * (1 - o);
    // what reads the previous state: the forget gate, and zoneout
    dcPrevious[at]! += dNewC * f + (1 - n) * dc[at]!;
    dhPrevious[at]! += (1 - m) * dh[at]!;
  }
}

/** The places of an element's four gates: a row of `gates` is i, f, g, o, each H long. */
function gatesOf(at: number, H: number): [i: number, f: number, g: number, o: number] {
  const first = at + 3 * H * Math.floor(at / H);
  return [first, first + H, first + 2 * H, first + 3 * H];
}

/** The share of the new value in zoneout: 1 or 0 in training, its mean 1 − p in evaluation (no seed). */
function shareOfNew(p: number, seed: number | undefined, at: number): number {
  if (seed === undefined) return 1 - p;
  return uniform(seed, at) < p ? 0 : 1;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
