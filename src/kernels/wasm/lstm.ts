import type { FloatArray } from '../../tensor/index.ts';
import type { Zoneout } from '../contract.ts';
import * as plain from '../js/lstm.ts';
import { compiled, isFloat32 } from './call.ts';

const wasm = compiled({ lstmCell: 14, lstmCellGrad: 16 });

/** Elementary operations for one element: five exponentials forward. */
const COST = 80;
const GRAD_COST = 40;

export function lstmCell(
  h: FloatArray,
  c: FloatArray,
  gates: FloatArray,
  hPrevious: FloatArray,
  cPrevious: FloatArray,
  B: number,
  H: number,
  zoneout: Zoneout,
): void {
  if (!isFloat32(h)) return plain.lstmCell(h, c, gates, hPrevious, cPrevious, B, H, zoneout);
  const split = { total: B, work: B * H * COST };
  wasm.lstmCell(split, [h, c, gates], [hPrevious, cPrevious], [H, ...scalarsOf(zoneout)]);
}

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
  zoneout: Zoneout,
): void {
  if (!isFloat32(dh)) {
    return plain.lstmCellGrad(dgates, dhPrevious, dcPrevious, dh, dc, gates, cPrevious, B, H, zoneout);
  }
  const split = { total: B, work: B * H * GRAD_COST };
  const outputs = [dgates, dhPrevious, dcPrevious];
  wasm.lstmCellGrad(split, outputs, [dh, dc, gates, cPrevious], [H, ...scalarsOf(zoneout)]);
}

/**
 * Threshold, seed and factor for h, then for c: the share of the new value is `factor` where the hash reaches
 * the threshold.
 */
function scalarsOf({ hidden, cell, seeds }: Zoneout): number[] {
  if (seeds === null) return [0, 0, 1 - hidden, 0, 0, 1 - cell];
  return [thresholdOf(hidden), seeds.hidden, 1, thresholdOf(cell), seeds.cell, 1];
}

/** ⌈p·2³²⌉, as the bits of an int32. */
function thresholdOf(p: number): number {
  return Math.min(Math.ceil(p * 2 ** 32), 2 ** 32 - 1) | 0;
}
