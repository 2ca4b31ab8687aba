// Lesson 06: layer normalization, backward. Fill in the blank.

import { defineOp, type Tensor } from 'scratchformer';
import { blank } from '../support/blank.ts';

const perRow = { keepDims: true };

/** y = x̂ ⊙ gain + bias, x̂ = (x − μ)·r, r = 1/√(σ² + 1e-5), row by row: x (N, C), gain (C), bias (C). */
export const layerNorm = defineOp({
  name: 'myLayerNorm',
  forward(x: Tensor, gain: Tensor, bias: Tensor) {
    const centred = x.sub(x.mean(-1, perRow));
    const r = centred.square().mean(-1, perRow).add(1e-5).pow(-0.5);
    const xhat = centred.mul(r);
    return { output: xhat.mul(gain).add(bias), saved: { xhat, r, gain } };
  },
  backward(dy, { xhat, r, gain }): [dx: Tensor, dgain: Tensor, dbias: Tensor] {
    // Useful: t.mean(-1, perRow) is the mean of each row, t.sum(0) the sum over the rows.
    return blank('dx (N, C), dgain (C) and dbias (C)', dy, xhat, r, gain, perRow);
  },
});
