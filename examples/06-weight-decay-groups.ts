// Weight decay: which parameters, and why not the others. Three rules, and BERT's optimizer.
//
//     npm run example -- weight-decay-groups

import { FeedForward, LayerNorm, ModuleList, manualSeed, randn, TransformerBlock } from 'scratchformer';
import {
  AdamW,
  decayGroups,
  decayGroupsByDimension,
  decayGroupsByName,
  describeGroups,
} from 'scratchformer/optimizers';

manualSeed(0);
const model = new ModuleList([
  new TransformerBlock(32, { heads: 4 }),
  new TransformerBlock(32, { heads: 4 }),
]);

// Decay pulls weights towards 0. That limits how strongly a layer answers to its input, which is what a
// matrix decides. A bias only shifts, and a gain of 0 would switch its feature off, so neither decays.
console.log(`by role\n${describeGroups(decayGroups(model, { weightDecay: 0.01 }))}`);
console.log(`by name, as BERT\n${describeGroups(decayGroupsByName(model, { weightDecay: 0.01 }))}`);
console.log(
  `by dimension, as nanoGPT\n${describeGroups(decayGroupsByDimension(model, { weightDecay: 0.01 }))}`,
);

// BERT's AdamWeightDecayOptimizer: decoupled decay 0.01, ε 1e-6, no bias correction.
const block = new ModuleList([new FeedForward(8), new LayerNorm(8)]);
const optimizer = new AdamW(decayGroupsByName(block, { weightDecay: 0.01 }), {
  lr: 0.1,
  eps: 1e-6,
  biasCorrection: false,
});

// Without gradients from the loss, only decay acts: θ ← θ(1 − lr·λ) for weights, nothing for the rest.
const [feedForward, norm] = [block.at(0) as FeedForward, block.at(1) as LayerNorm];
feedForward
  .forward(randn([1, 8]))
  .mul(0)
  .sum()
  .backward();
norm
  .forward(randn([1, 8]))
  .mul(0)
  .sum()
  .backward();
const before = { weight: feedForward.expand.weight.data[0]!, gain: norm.gain!.data[0]! };
optimizer.step();
console.log('a weight is multiplied by', (feedForward.expand.weight.data[0]! / before.weight).toFixed(4));
console.log('a gain is multiplied by  ', (norm.gain!.data[0]! / before.gain).toFixed(4));

/* prints
by role
decay: 12 tensors, 24,576 parameters (weight decay 0.01)
no decay: 20 tensors, 832 parameters
by name, as BERT
decay: 12 tensors, 24,576 parameters (weight decay 0.01)
no decay: 20 tensors, 832 parameters
by dimension, as nanoGPT
decay: 12 tensors, 24,576 parameters (weight decay 0.01)
no decay: 20 tensors, 832 parameters
a weight is multiplied by 0.9990
a gain is multiplied by   1.0000
*/
