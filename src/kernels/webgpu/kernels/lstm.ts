import type { Memory } from '../../../tensor/index.ts';
import type { Zoneout } from '../../contract.ts';
import { flat, kernel, main, run, thread } from '../kernel.ts';
import { withTemporary } from '../numbers.ts';
import { forFloat32 } from '../overlay.ts';
import { exponential, random, smooth, special, thresholdOf } from '../wgsl.ts';

const THREADS = 256;
const functions = `${special}${exponential}${smooth}${random}`;
/** Zoneout of h, then of c: the share of the new value is the factor, or 0 where the hash says so. */
const zoneouts = ['seedH', 'thresholdH', 'factorH: f32', 'seedC', 'thresholdC', 'factorC: f32'];
const head = `${main(THREADS)} {
  let i = ${thread(THREADS)};
  let n = p.B * p.H;
  if (i >= n) { return; }
  let at = p.gatesAt + i + 3u * p.H * (i / p.H);
  let mH = select(p.factorH, 0.0, isDropped(p.seedH, i, p.thresholdH));
  let mC = select(p.factorC, 0.0, isDropped(p.seedC, i, p.thresholdC));`;

/**
 * h and c of all steps lie in one block, and a kernel can neither write nor read one block in two places. So
 * `states`, h and then c, stand apart at first.
 */
const cell = kernel('lstmCell', {
  writes: ['states', 'gates'],
  reads: ['hPrevious', 'cPrevious'],
  sizes: ['B', 'H', ...zoneouts],
  updates: true,
  code: `${functions}
${head}
  let gateI = sigmoid(gates[at]); let gateF = sigmoid(gates[at + p.H]);
  let gateG = tanhOf(gates[at + 2u * p.H]); let gateO = sigmoid(gates[at + 3u * p.H]);
  gates[at] = gateI; gates[at + p.H] = gateF; gates[at + 2u * p.H] = gateG; gates[at + 3u * p.H] = gateO;
  let before = cPrevious[p.cPreviousAt + i];
  let c = fma(gateF, before, gateI * gateG);
  states[p.statesAt + i] = mH * (gateO * tanhOf(c)) + (1.0 - mH) * hPrevious[p.hPreviousAt + i];
  states[p.statesAt + n + i] = mC * c + (1.0 - mC) * before;
}`,
});

const cellGrad = kernel('lstmCellGrad', {
  writes: ['dgates', 'more'],
  reads: ['dh', 'dc', 'gates', 'cPrevious'],
  sizes: ['B', 'H', ...zoneouts],
  code: `${functions}
${head}
  let to = at - p.gatesAt + p.dgatesAt;
  let gateI = gates[at]; let gateF = gates[at + p.H]; let gateG = gates[at + 2u * p.H]; let gateO = gates[at + 3u * p.H];
  let before = cPrevious[p.cPreviousAt + i];
  let t = tanhOf(fma(gateF, before, gateI * gateG));
  let dNewH = mH * dh[p.dhAt + i];
  let dNewC = mC * dc[p.dcAt + i] + dNewH * gateO * (1.0 - t * t);
  dgates[to] = dNewC * gateG * gateI * (1.0 - gateI);
  dgates[to + p.H] = dNewC * before * gateF * (1.0 - gateF);
  dgates[to + 2u * p.H] = dNewC * gateI * (1.0 - gateG * gateG);
  dgates[to + 3u * p.H] = dNewH * t * gateO * (1.0 - gateO);
  more[p.moreAt + i] = (1.0 - mH) * dh[p.dhAt + i];
  more[p.moreAt + n + i] = dNewC * gateF + (1.0 - mC) * dc[p.dcAt + i];
}`,
});

/** out ← x, or out + x, from a place in x on. */
const brought = kernel('lstmStates', {
  writes: ['out'],
  reads: ['x'],
  sizes: ['n', 'first', 'adds'],
  updates: true,
  code: `${main(THREADS)} {
  let i = ${thread(THREADS)};
  if (i >= p.n) { return; }
  let at = p.outAt + i;
  let value = x[p.xAt + p.first + i];
  if (p.adds == 1u) { out[at] += value; } else { out[at] = value; }
}`,
});

function bring([h, c]: readonly [Memory, Memory], states: Memory, adds: boolean): void {
  [h, c].forEach((out, which) => {
    const sizes = [out.length, which * out.length, Number(adds)];
    run(brought, [out], [states], sizes, flat(out.length, THREADS));
  });
}

const sizesOf = (B: number, H: number, { hidden, cell, seeds }: Zoneout) =>
  seeds === null
    ? [B, H, 0, 0, 1 - hidden, 0, 0, 1 - cell]
    : [B, H, seeds.hidden, thresholdOf(hidden), 1, seeds.cell, thresholdOf(cell), 1];

export const lstmCell = forFloat32('lstmCell', (h, c, gates, hPrevious, cPrevious, B, H, zoneout) => {
  withTemporary(2 * B * H, (states) => {
    run(cell, [states, gates], [hPrevious, cPrevious], sizesOf(B, H, zoneout), flat(B * H, THREADS));
    bring([h, c], states, false);
  });
});

export const lstmCellGrad = forFloat32(
  'lstmCellGrad',
  (dgates, dhPrevious, dcPrevious, dh, dc, gates, cPrevious, B, H, zoneout) => {
    withTemporary(2 * B * H, (more) => {
      run(cellGrad, [dgates, more], [dh, dc, gates, cPrevious], sizesOf(B, H, zoneout), flat(B * H, THREADS));
      bring([dhPrevious, dcPrevious], more, true);
    });
  },
);
