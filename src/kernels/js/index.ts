import type { CpuKernels } from '../contract.ts';
import { adamW } from './adamW.ts';
import { attention, attentionGrad } from './attention.ts';
import { crossEntropy, crossEntropyGrad } from './crossEntropy.ts';
import { bernoulliGate, dropout } from './dropout.ts';
import { addTo, binary, copy, map, mapGrad, scale } from './elementwise.ts';
import { layerNorm, layerNormGrad } from './layerNorm.ts';
import { lstmCell, lstmCellGrad } from './lstm.ts';
import { matmul } from './matmul.ts';
import { cumsum, max, sum, sumSquares } from './reduce.ts';
import { rmsNorm, rmsNormGrad } from './rmsNorm.ts';
import { rotate } from './rotate.ts';
import { gatherRows, scatterAddRows } from './rows.ts';
import { logSumExp, softmax, softmaxGrad } from './softmax.ts';

/** The reference: every kernel of the contract, in plain JavaScript. */
export const js: CpuKernels = {
  copy,
  binary,
  addTo,
  map,
  mapGrad,
  sum,
  max,
  cumsum,
  sumSquares,
  scale,
  matmul,
  softmax,
  softmaxGrad,
  logSumExp,
  layerNorm,
  layerNormGrad,
  rmsNorm,
  rmsNormGrad,
  rotate,
  attention,
  attentionGrad,
  crossEntropy,
  crossEntropyGrad,
  lstmCell,
  lstmCellGrad,
  gatherRows,
  scatterAddRows,
  dropout,
  bernoulliGate,
  adamW,
};
