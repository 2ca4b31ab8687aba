// Sorter: a GPT with multi-query attention and squared ReLU learns to sort ten digits.
//
//     npm run example -- sorter
//
// The digits come first, then the same in order; only those are predicted. The idea is minGPT's.

import { manualSeed, randomStream } from 'scratchformer';
import { GPT } from 'scratchformer/models';
import { AdamW, decayGroups, warmupCosine } from 'scratchformer/optimizers';
import { Trainer } from 'scratchformer/train';
import { exampleArguments } from './support/arguments.ts';
import { completionBatch, exactShare } from './support/completion.ts';
import { describe } from './support/describe.ts';
import { progress } from './support/progress.ts';
import { printScore } from './support/score.ts';

const { seed, quick } = exampleArguments();
const steps = quick ? 30 : 3500;
const LENGTH = 10;
manualSeed(seed);

const random = randomStream('digits');

/** Digits and the same sorted. Those that sum to a multiple of 7 are held out: training never sees one. */
function randomRow({ heldOut }: { heldOut: boolean }): number[] {
  for (;;) {
    const digits = Array.from({ length: LENGTH }, () => Math.floor(random() * 10));
    const sum = digits.reduce((a, b) => a + b);
    if ((sum % 7 === 0) === heldOut) return [...digits, ...digits.toSorted()];
  }
}
const randomRows = (count: number, which: { heldOut: boolean }) =>
  Array.from({ length: count }, () => randomRow(which));

const model = new GPT({
  vocabSize: 10,
  context: 2 * LENGTH - 1,
  layers: 2,
  heads: 4,
  keyValueHeads: 1,
  width: 48,
  positions: 'sinusoidal',
  activation: 'squaredRelu',
  initStd: 0.1,
});
console.log(describe(model));

const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.1 }), { betas: [0.9, 0.99] });
const schedule = warmupCosine({ peak: 4e-3, floor: 4e-5, warmup: Math.floor(steps / 20), steps });
const nextBatch = () => completionBatch(randomRows(64, { heldOut: false }), LENGTH);
await new Trainer({ model, optimizer, schedule, nextBatch, steps, hooks: [progress(steps)] }).run();

const digits = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
const written = model.generate(digits, { maxTokens: LENGTH, temperature: 0 }).slice(LENGTH);
console.log(`${digits.join(' ')} → ${written.join(' ')}`);

const value = exactShare(model, randomRows(20_000, { heldOut: true }), LENGTH);
printScore('sorter', { metric: 'sorted', value, target: 0.999, chance: 0, best: 1, quick });

/* prints
model: GPT with 49,104 parameters; activation squaredRelu; norm pre, LayerNorm
step …
3 1 4 1 5 9 2 6 5 3 → …
score: sorter sorted=0.9998 target=0.9990 chance=0.0000 best=1.0000
*/
