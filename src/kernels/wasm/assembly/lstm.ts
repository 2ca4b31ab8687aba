/**
 * The pointwise part of one step of an LSTM, in the formulas of ../../js/lstm.ts, for rows from … to − 1 of h
 * and c (B, H). A row of gates is i, f, g, o, each H long. The share of the new value in zoneout is `factor`
 * where keepMask says so.
 */
import { sigmoid, tanh } from './math';
import { all, keepMask, madd } from './simd';
import { loadFirst, storeFirst } from './vectors';

@inline
function shareOfNew(index: i32, threshold: i32, seed: i32, factor: f32): v128 {
  const indices = i32x4.add(i32x4.splat(index), i32x4(0, 1, 2, 3));
  return v128.and(all(factor), keepMask(i32x4.splat(seed), indices, i32x4.splat(threshold)));
}

/** share·x + (1 − share)·previous */
@inline
function mixed(share: v128, x: v128, previous: v128): v128 {
  return madd(share, x, f32x4.mul(f32x4.sub(all(1), share), previous));
}

export function lstmCell(
  h: usize, c: usize, gates: usize, hPrevious: usize, cPrevious: usize, H: i32,
  thresholdH: i32, seedH: i32, factorH: f32, thresholdC: i32, seedC: i32, factorC: f32, from: i32, to: i32,
): void {
  const gate = <usize>H << 2;
  for (let row = from; row < to; row++) {
    for (let j = 0; j < H; j += 4) {
      const n = H - j;
      const index = row * H + j;
      const at = <usize>index << 2;
      const sums = gates + 4 * gate * <usize>row + (<usize>j << 2);
      const i = sigmoid(loadFirst(sums, n, 0));
      const f = sigmoid(loadFirst(sums + gate, n, 0));
      const g = tanh(loadFirst(sums + 2 * gate, n, 0));
      const o = sigmoid(loadFirst(sums + 3 * gate, n, 0));
      storeFirst(sums, i, n);
      storeFirst(sums + gate, f, n);
      storeFirst(sums + 2 * gate, g, n);
      storeFirst(sums + 3 * gate, o, n);
      const before = loadFirst(cPrevious + at, n, 0);
      const newC = madd(f, before, f32x4.mul(i, g));
      const newH = f32x4.mul(o, tanh(newC));
      storeFirst(c + at, mixed(shareOfNew(index, thresholdC, seedC, factorC), newC, before), n);
      const share = shareOfNew(index, thresholdH, seedH, factorH);
      storeFirst(h + at, mixed(share, newH, loadFirst(hPrevious + at, n, 0)), n);
    }
  }
}

export function lstmCellGrad(
  dgates: usize, dhPrevious: usize, dcPrevious: usize,
  dh: usize, dc: usize, gates: usize, cPrevious: usize, H: i32,
  thresholdH: i32, seedH: i32, factorH: f32, thresholdC: i32, seedC: i32, factorC: f32, from: i32, to: i32,
): void {
  const gate = <usize>H << 2;
  const one = all(1);
  for (let row = from; row < to; row++) {
    for (let j = 0; j < H; j += 4) {
      const n = H - j;
      const index = row * H + j;
      const at = <usize>index << 2;
      const offset = 4 * gate * <usize>row + (<usize>j << 2);
      const i = loadFirst(gates + offset, n, 0);
      const f = loadFirst(gates + offset + gate, n, 0);
      const g = loadFirst(gates + offset + 2 * gate, n, 0);
      const o = loadFirst(gates + offset + 3 * gate, n, 0);
      const before = loadFirst(cPrevious + at, n, 0);
      const t = tanh(madd(f, before, f32x4.mul(i, g)));
      const shareH = shareOfNew(index, thresholdH, seedH, factorH);
      const shareC = shareOfNew(index, thresholdC, seedC, factorC);
      const dH = loadFirst(dh + at, n, 0);
      const dC = loadFirst(dc + at, n, 0);
      const dNewH = f32x4.mul(shareH, dH);
      const slope = f32x4.mul(o, f32x4.sub(one, f32x4.mul(t, t)));
      const dNewC = madd(shareC, dC, f32x4.mul(dNewH, slope));
      const dI = f32x4.mul(f32x4.mul(dNewC, g), f32x4.mul(i, f32x4.sub(one, i)));
      const dF = f32x4.mul(f32x4.mul(dNewC, before), f32x4.mul(f, f32x4.sub(one, f)));
      const dG = f32x4.mul(f32x4.mul(dNewC, i), f32x4.sub(one, f32x4.mul(g, g)));
      const dO = f32x4.mul(f32x4.mul(dNewH, t), f32x4.mul(o, f32x4.sub(one, o)));
      storeFirst(dgates + offset, dI, n);
      storeFirst(dgates + offset + gate, dF, n);
      storeFirst(dgates + offset + 2 * gate, dG, n);
      storeFirst(dgates + offset + 3 * gate, dO, n);
      const carriedC = madd(dNewC, f, f32x4.mul(f32x4.sub(one, shareC), dC));
      storeFirst(dcPrevious + at, f32x4.add(loadFirst(dcPrevious + at, n, 0), carriedC), n);
      const carriedH = madd(f32x4.sub(one, shareH), dH, loadFirst(dhPrevious + at, n, 0));
      storeFirst(dhPrevious + at, carriedH, n);
    }
  }
}
