import { compiled } from '../call.ts';
import { forFloat32 } from '../forFloat32.ts';

const wasm = compiled({ depthwiseConvRows: 10, depthwiseConvColumns: 9 });

export const depthwiseConv = forFloat32('depthwiseConv', (y, x, weight, bias, B, T, C, k) => {
  wasm.depthwiseConvRows({ total: B * T, work: y.length * k }, [y], [x, weight, bias], [T, C, k, 0]);
});

export const depthwiseConvGrad = forFloat32('depthwiseConvGrad', (dx, dy, weight, B, T, C, k) => {
  wasm.depthwiseConvRows({ total: B * T, work: dx.length * k }, [dx], [dy, weight, null], [T, C, k, 1]);
});

/** The work is split by channels, so that sums have one order for any number of threads. */
export const depthwiseConvWeightGrad = forFloat32('depthwiseConvWeightGrad', (dw, dy, x, B, T, C, k) => {
  const channels = { total: C, grain: 16, work: dy.length * k };
  wasm.depthwiseConvColumns(channels, [dw], [dy, x], [B, T, C, k]);
});
