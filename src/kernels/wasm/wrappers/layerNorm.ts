import { compiled } from '../call.ts';
import { forFloat32 } from '../forFloat32.ts';
import { withScratch } from '../memory.ts';

const wasm = compiled({ layerNorm: 10, layerNormGrad: 9, layerNormGradParameters: 11 });

export const layerNorm = forFloat32('layerNorm', (y, mean, rstd, x, gain, bias, rows, cols, eps) => {
  wasm.layerNorm({ total: rows, work: rows * cols * 8 }, [y, mean, rstd], [x, gain, bias], [cols, eps]);
});

/**
 * dx is split by rows; dgain and dbias by columns, so that their sums have one order for any number of
 * threads.
 */
export const layerNormGrad = forFloat32(
  'layerNormGrad',
  (dx, dgain, dbias, dy, x, mean, rstd, gain, rows, cols) => {
    const inputs = [dy, x, mean, rstd];
    wasm.layerNormGrad({ total: rows, work: rows * cols * 8 }, [dx], [...inputs, gain], [cols]);
    if (dgain === null && dbias === null) return;
    const columns = { total: cols, grain: 16, work: rows * cols * 4 };
    withScratch(4 * Math.ceil(cols / 4) * 4, (sums) => {
      wasm.layerNormGradParameters(columns, [dgain, dbias, sums], inputs, [rows, cols]);
    });
  },
);
