import type { Zoneout } from '../../contract.ts';
import { compiled } from '../call.ts';
import { forFloat32 } from '../forFloat32.ts';

const wasm = compiled({ lstmCell: 14, lstmCellGrad: 16 });

/** Elementary operations for one element: five exponentials forward. */
const COST = 80;
const GRAD_COST = 40;

export const lstmCell = forFloat32('lstmCell', (h, c, gates, hPrevious, cPrevious, B, H, zoneout) => {
  const split = { total: B, work: B * H * COST };
  wasm.lstmCell(split, [h, c, gates], [hPrevious, cPrevious], [H, ...scalarsOf(zoneout)]);
});

export const lstmCellGrad = forFloat32(
  'lstmCellGrad',
  (dgates, dhPrevious, dcPrevious, dh, dc, gates, cPrevious, B, H, zoneout) => {
    const split = { total: B, work: B * H * GRAD_COST };
    const outputs = [dgates, dhPrevious, dcPrevious];
    wasm.lstmCellGrad(split, outputs, [dh, dc, gates, cPrevious], [H, ...scalarsOf(zoneout)]);
  },
);

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
