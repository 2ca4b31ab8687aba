import { compiled } from '../call.ts';
import { forFloat32 } from '../forFloat32.ts';
import { withScratch } from '../memory.ts';

const wasm = compiled({ rmsNorm: 8, rmsNormGrad: 8, rmsNormGradGain: 9 });

export const rmsNorm = forFloat32('rmsNorm', (y, rstd, x, gain, rows, cols, eps) => {
  wasm.rmsNorm({ total: rows, work: rows * cols * 5 }, [y, rstd], [x, gain], [cols, eps]);
});

/** dx is split by rows; dgain by columns, so that its sums have one order for any number of threads. */
export const rmsNormGrad = forFloat32('rmsNormGrad', (dx, dgain, dy, x, rstd, gain, rows, cols) => {
  wasm.rmsNormGrad({ total: rows, work: rows * cols * 7 }, [dx], [dy, x, rstd, gain], [cols]);
  if (dgain === null) return;
  const columns = { total: cols, grain: 16, work: rows * cols * 3 };
  withScratch(2 * Math.ceil(cols / 4) * 4, (sums) => {
    wasm.rmsNormGradGain(columns, [dgain, sums], [dy, x, rstd], [rows, cols]);
  });
});
