import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import { check, checkFinite, empty, show, sizeOf, type Tensor, withDefaults } from '../tensor/index.ts';
import { checkSameDtype, checkTensors, floats } from './operands.ts';

/** The options of the op `layerNorm`. */
export interface LayerNormSettings {
  /** Added to the variance, only for stability. Default 1e-5. */
  readonly eps?: number;
}

/**
 * Layer normalization: each row of the last axis gets mean 0 and variance 1, then a learned gain and bias.
 *
 *   y = x̂ ⊙ gain + bias,  x̂ = (x − μ)·r,  r = 1/√(σ² + eps)
 *   dx = r·(g − mean(g) − x̂·mean(g ⊙ x̂)),  g = dy ⊙ gain
 *   dgain = Σ dy ⊙ x̂,  dbias = Σ dy over the rows
 *
 * Shapes: x, y (…, C); gain and bias (C), or null for 1 and 0. σ² is the mean square (not divided by C − 1).
 * Saved: x, μ, r and gain.
 *
 * Ba, Kiros & Hinton, "Layer Normalization", arXiv:1607.06450
 */
export const layerNorm = defineOp({
  name: 'layerNorm',
  forward(
    x: Tensor,
    gain: Tensor | null = null,
    bias: Tensor | null = null,
    options: LayerNormSettings = {},
  ) {
    const { eps } = withDefaults<Required<LayerNormSettings>>('layerNorm', options, { eps: 1e-5 });
    checkFinite('layerNorm', { eps }, 0);
    checkTensors({ x }, { gain, bias });
    checkShapes(x, gain, bias);
    const lead = x.shape.slice(0, -1);
    const y = empty(x.shape, x.dtype);
    const [mean, rstd] = [empty(lead, x.dtype), empty(lead, x.dtype)];
    kernels.layerNorm(
      y.memory, mean.memory, rstd.memory,
      floats(x), gain && floats(gain), bias && floats(bias),
      sizeOf(lead), x.shape.at(-1)!, eps,
    ); // biome-ignore format: outputs, inputs, sizes
    return { output: y, saved: { x, gain, mean, rstd } };
  },
  backward(dy, { x, gain, mean, rstd }, needs) {
    const cols = x.shape.at(-1)!;
    const dx = empty(x.shape, x.dtype);
    const dgain = needs[1] ? empty([cols], x.dtype) : null;
    const dbias = needs[2] ? empty([cols], x.dtype) : null;
    kernels.layerNormGrad(
      dx.memory, dgain?.memory ?? null, dbias?.memory ?? null,
      floats(dy), floats(x), mean.memory, rstd.memory,
      gain && floats(gain), sizeOf(mean.shape), cols,
    ); // biome-ignore format: outputs, inputs, sizes
    return [dx, dgain, dbias];
  },
});

function checkShapes(x: Tensor, gain: Tensor | null, bias: Tensor | null): void {
  check(x.rank >= 1, 'layerNorm', 'the tensor has at least one axis', () => show(x.shape));
  const cols = x.shape.at(-1)!;
  for (const [name, parameter] of Object.entries({ gain, bias })) {
    check(
      parameter === null || (parameter.rank === 1 && parameter.size === cols),
      'layerNorm',
      `the ${name} is as long as the last axis, (${cols})`,
      () => show(parameter!.shape),
    );
  }
  checkSameDtype([x, gain, bias]);
}
