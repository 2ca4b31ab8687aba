// Ten thousand steps in one synchronous loop, no memory management in sight: the memory stays flat.
//
//     npm run example -- flat-memory [STEPS]

import { check, gelu, LayerNorm, Linear, manualSeed, randn, Sequential } from 'scratchformer';
import { Activation } from 'scratchformer/nn';
import { AdamW, decayGroups } from 'scratchformer/optimizers';
import { exampleArguments } from './support/arguments.ts';

const { seed, words } = exampleArguments({ maxWords: 1 });
const steps = Number(words[0] ?? 10_000);
check(Number.isInteger(steps) && steps > 0, 'flat-memory', 'STEPS is a whole number ≥ 1', () => words[0]!);

manualSeed(seed);
const model = new Sequential(new Linear(32, 64), new Activation(gelu), new LayerNorm(64), new Linear(64, 32));
const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.01 }), { lr: 1e-3 });
const megabytes = () => process.memoryUsage().rss / 2 ** 20;

let [early, late] = [0, 0]; // peaks in the second and in the last tenth
for (let step = 0; step < steps; step++) {
  const x = randn([64, 32]);
  const loss = model.forward(x).sub(x).square().mean();
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (step >= 0.1 * steps && step < 0.2 * steps) early = Math.max(early, megabytes());
  if (step >= 0.9 * steps) late = Math.max(late, megabytes());
  if (step === steps - 1) console.log('reconstruction error below 0.01:', loss.item() < 0.01);
}
console.log('memory grew by less than 40 MB:', late - early < 40);

/* prints
reconstruction error below 0.01: true
memory grew by less than 40 MB: true
*/
