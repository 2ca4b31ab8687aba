import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { check, checkFinite, empty, show, sizeOf, type Tensor, withDefaults } from '../tensor/index.ts';
import { checkSameDtype, checkTensors, floats } from './operands.ts';

/** The options of the op `rmsNorm`. */
export interface RmsNormSettings {
  /** Added to the mean square, only for stability. Default 1e-6. */
  readonly eps?: number;
}

/**
 * Root mean square normalization: each row of the last axis gets mean square 1, then a learned gain. Layer
 * norm without its centring and bias: as good in language models, and cheaper. LLaMA, T5 and Gemma use it.
 *
 *   y = x̂ ⊙ gain,  x̂ = x·r,  r = 1/√(mean(x²) + eps)
 *   dx = r·(g − x̂·mean(g ⊙ x̂)),  g = dy ⊙ gain        dgain = Σ dy ⊙ x̂ over the rows
 *
 * Shapes: x, y (…, C); gain (C), or null for 1. Squares are summed in float64. Saved: x, r and gain.
 *
 * Zhang & Sennrich, "Root Mean Square Layer Normalization", arXiv:1910.07467
 */
export const rmsNorm = defineOp({
  name: 'rmsNorm',
  forward(x: Tensor, gain: Tensor | null = null, options: RmsNormSettings = {}) {
    const { eps } = withDefaults<Required<RmsNormSettings>>('rmsNorm', options, { eps: 1e-6 });
    checkFinite('rmsNorm', { eps }, 0);
    checkTensors({ x }, { gain });
    checkShapes(x, gain);
    const lead = x.shape.slice(0, -1);
    const [y, rstd] = [empty(x.shape, x.dtype), empty(lead, x.dtype)];
    kernels.rmsNorm(
      y.memory, rstd.memory, floats(x), gain && floats(gain),
      sizeOf(lead), x.shape.at(-1)!, eps,
    ); // biome-ignore format: outputs, inputs, sizes
    return { output: y, saved: { x, gain, rstd } };
  },
  backward(dy, { x, gain, rstd }, needs) {
    const cols = x.shape.at(-1)!;
    const dx = empty(x.shape, x.dtype);
    const dgain = needs[1] ? empty([cols], x.dtype) : null;
    kernels.rmsNormGrad(
      dx.memory, dgain?.memory ?? null,
      floats(dy), floats(x), rstd.memory, gain && floats(gain),
      sizeOf(rstd.shape), cols,
    ); // biome-ignore format: outputs, inputs, sizes
    return [dx, dgain];
  },
});

function checkShapes(x: Tensor, gain: Tensor | null): void {
  check(x.rank >= 1, 'rmsNorm', 'the tensor has at least one axis', () => show(x.shape));
  const cols = x.shape.at(-1)!;
  check(
    gain === null || (gain.rank === 1 && gain.size === cols),
    'rmsNorm',
    `the gain is as long as the last axis, (${cols})`,
    () => show(gain!.shape),
  );
  checkSameDtype([x, gain]);
}
