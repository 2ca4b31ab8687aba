// Adder: a GPT with LLaMA's parts learns to add numbers of three digits.
//
//     npm run example -- adder
//
// A sum is ten tokens: the digits of both numbers, then those of the sum from the last to the first, the
// order in which carries are known: 85 + 50 = 135 reads 085 050 5310. The idea is minGPT's.

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
const steps = quick ? 30 : 1500;
manualSeed(seed);

/** 10,000 of the million sums are held out, a + b together with b + a. */
const random = randomStream('sums');
const anySum = () => Math.floor(random() * 1_000_000);
const heldOut = new Set<number>();
while (heldOut.size < 10_000) heldOut.add(anySum());

/** Sum number 1000·a + b as tokens. */
function tokensOf(number: number): number[] {
  const [a, b] = [Math.floor(number / 1000), number % 1000];
  const digits = (n: number, count: number) => Array.from(String(n).padStart(count, '0'), Number);
  return [...digits(a, 3), ...digits(b, 3), ...digits(a + b, 4).reverse()];
}

function nextBatch() {
  const sums: number[] = [];
  while (sums.length < 64) {
    const sum = anySum();
    const mirrored = 1000 * (sum % 1000) + Math.floor(sum / 1000);
    if (!heldOut.has(sum) && !heldOut.has(mirrored)) sums.push(sum);
  }
  return completionBatch(sums.map(tokensOf), 6);
}

const model = new GPT({
  vocabSize: 10,
  context: 9,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  width: 64,
  hidden: 128,
  positions: 'learned', // not LLaMA's rotary: a digit's place is absolute; by distances, carries are slow to learn
  norm: 'rmsNorm',
  activation: 'swiglu',
  initStd: 0.1,
});
console.log(describe(model));

const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.1 }), { betas: [0.9, 0.99] });
const schedule = warmupCosine({ peak: 4e-3, floor: 4e-5, warmup: Math.floor(steps / 20), steps });
await new Trainer({ model, optimizer, schedule, nextBatch, steps, hooks: [progress(steps)] }).run();

const [a, b] = [273, 948];
const written = model.generate(tokensOf(1000 * a + b).slice(0, 6), { maxTokens: 4, temperature: 0 }).slice(6);
console.log(`${a} + ${b} = ${Number(written.toReversed().join(''))}`);

const value = exactShare(model, Array.from(heldOut, tokensOf), 6);
const chance = 1 / 1000; // always 999, the most frequent sum
printScore('adder', { metric: 'exact', value, target: 0.99, chance, best: 1, quick });

/* prints
model: GPT with 75,264 parameters; activation swiglu; norm pre, RMSNorm
step …
273 + 948 = …
score: adder exact=1.0000 target=0.9900 chance=0.0010 best=1.0000
*/
