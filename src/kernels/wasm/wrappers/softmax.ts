import { compiled } from '../call.ts';
import { forFloat32 } from '../forFloat32.ts';

const wasm = compiled({ softmax: 5, softmaxGrad: 6, logSumExp: 5 });

/** Elementary operations for one element. */
const COST = 20;

export const softmax = forFloat32('softmax', (y, x, rows, cols) => {
  wasm.softmax({ total: rows, work: rows * cols * COST }, [y], [x], [cols]);
});

export const softmaxGrad = forFloat32('softmaxGrad', (dx, dy, y, rows, cols) => {
  wasm.softmaxGrad({ total: rows, work: rows * cols * 4 }, [dx], [dy, y], [cols]);
});

export const logSumExp = forFloat32('logSumExp', (out, x, rows, cols) => {
  wasm.logSumExp({ total: rows, work: rows * cols * COST }, [out], [x], [cols]);
});
