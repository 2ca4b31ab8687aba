import type { TypedArray } from '../../../tensor/index.ts';
import type { CrossEntropyOptions } from '../../contract.ts';
import { compiled } from '../call.ts';
import { forFloat32 } from '../forFloat32.ts';

const wasm = compiled({ crossEntropy: 12, crossEntropyGrad: 13 });

/** Elementary operations for one score. */
const COST = 20;

export const crossEntropy = forFloat32('crossEntropy', (loss, max, sum, x, targets, rows, cols, options) => {
  const split = { total: rows, work: rows * cols * COST };
  wasm.crossEntropy(split, [loss, max, sum], [x, targets, options.weights], sizesOf(cols, options));
});

export const crossEntropyGrad = forFloat32(
  'crossEntropyGrad',
  (dx, dloss, x, max, sum, targets, rows, cols, options) => {
    const split = { total: rows, work: rows * cols * COST };
    const inputs = [dloss, x, max, sum, targets, options.weights];
    wasm.crossEntropyGrad(split, [dx], inputs, sizesOf(cols, options));
  },
);

function sizesOf(
  cols: number,
  { ignoreIndex, labelSmoothing, weights }: CrossEntropyOptions<TypedArray>,
): number[] {
  let allWeights = weights === null ? cols : 0;
  for (const weight of weights ?? []) allWeights += weight;
  return [cols, ignoreIndex, labelSmoothing, allWeights];
}
