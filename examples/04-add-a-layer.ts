// Add a layer: a Module with parameters and a forward, in a file of your own.
//
//     npm run example -- add-a-layer

import { Linear, Module, manualSeed, ones, Parameter, randn, Sequential, type Tensor } from 'scratchformer';
import { AdamW, decayGroups, describeGroups } from 'scratchformer/optimizers';

/** Root mean square normalization, y = x/√(mean(x²) + eps) ⊙ gain. Zhang & Sennrich, arXiv:1910.07467 */
class RMSNorm extends Module {
  readonly gain: Parameter;
  readonly eps: number;

  constructor(size: number, eps = 1e-6) {
    super();
    this.gain = new Parameter(ones([size]), { role: 'gain' }); // the role keeps weight decay away from it
    this.eps = eps;
  }

  /** (…, size) → (…, size) */
  forward(x: Tensor): Tensor {
    const meanSquare = x.square().mean(-1, { keepDims: true });
    return x.div(meanSquare.add(this.eps).sqrt()).mul(this.gain);
  }
}

manualSeed(7);
const model = new Sequential(new Linear(8, 16), new RMSNorm(16), new Linear(16, 1));
console.log(model.summary());
const groups = decayGroups(model, { weightDecay: 0.01 });
console.log(describeGroups(groups));

const optimizer = new AdamW(groups, { lr: 0.01 });
const inputs = randn([256, 8]);
const targets = inputs.square().sum(-1, { keepDims: true }).sqrt(); // learn the length of a vector
let first = 0;
for (let step = 0; step <= 500; step++) {
  const loss = model.forward(inputs).sub(targets).square().mean();
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (step === 0) first = loss.item();
  if (step === 500) console.log('the loss fell to a twentieth:', loss.item() < first / 20);
}

/* prints
parameter  shape    count  role
0.weight   (16, 8)    128  weight
0.bias     (16)        16  bias
1.gain     (16)        16  gain
2.weight   (1, 16)     16  weight
2.bias     (1)          1  bias
total                 177
decay: 2 tensors, 144 parameters (weight decay 0.01)
no decay: 3 tensors, 33 parameters
the loss fell to a twentieth: true
*/
