// Add an optimizer: the state for one parameter and the update of one parameter, in a file of your own.
//
//     npm run example -- add-an-optimizer

import {
  crossEntropy,
  type FloatArray,
  gelu,
  Linear,
  manualSeed,
  type Parameter,
  randn,
  zeros,
} from 'scratchformer';
import { type Group, Optimizer, type ParametersOrGroups, zerosLike } from 'scratchformer/optimizers';

interface LionOptions {
  /** Learning rate. Default 1e-4. */
  readonly lr?: number;
  /** Decay rates β₁ and β₂. Default [0.9, 0.99]. */
  readonly betas?: readonly [number, number];
  /** Decay λ of the weights. Default 0. */
  readonly weightDecay?: number;
}

/**
 * Lion (Chen et al., arXiv:2302.06675): every weight moves by the same amount, in the direction of a sign.
 *
 *   u = sign(β₁m + (1 − β₁)g)        w ← w − lr·(u + λw)        m ← β₂m + (1 − β₂)g
 */
class Lion extends Optimizer<LionOptions, 'm'> {
  constructor(params: ParametersOrGroups<LionOptions>, options: LionOptions = {}) {
    super(params, options, { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0 });
  }

  protected override initialState(parameter: Parameter) {
    return { m: zerosLike(parameter) };
  }

  protected override update(
    w: FloatArray,
    g: FloatArray,
    { m }: Record<'m', FloatArray>,
    group: Group<LionOptions>,
  ) {
    const { lr, weightDecay, betas: [beta1, beta2] } = group; // biome-ignore format: one line
    for (let i = 0; i < w.length; i++) {
      const direction = Math.sign(beta1 * m[i]! + (1 - beta1) * g[i]!);
      w[i]! -= lr * (direction + weightDecay * w[i]!);
      m[i] = beta2 * m[i]! + (1 - beta2) * g[i]!;
    }
  }
}

// Which octant does a point lie in? Eight classes from three coordinates.
manualSeed(3);
const points = randn([512, 3]);
const octants = zeros([512], { dtype: 'int32' });
for (let i = 0; i < 512; i++)
  for (let d = 0; d < 3; d++) octants.data[i]! += points.data[3 * i + d]! > 0 ? 2 ** d : 0;

const [inner, outer] = [new Linear(3, 32), new Linear(32, 8)];
const optimizer = new Lion([...inner.parameters(), ...outer.parameters()], { lr: 3e-3 });
let right = 0;
for (let step = 0; step < 300; step++) {
  const logits = outer.forward(gelu(inner.forward(points)));
  const guesses = logits.argmax(-1);
  const loss = crossEntropy(logits, octants);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  right = guesses.equal(octants).mean().item();
}
console.log('more than 95 % right:', right > 0.95);

/* prints
more than 95 % right: true
*/
