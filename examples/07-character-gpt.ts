// A character GPT on your own text, with the training loop written out.
//
//     npm run example -- character-gpt [FILE] [STEPS]        (default: the built-in stories, 300 steps)

import { manualSeed, noGrad } from 'scratchformer';
import { stories } from 'scratchformer/corpora';
import { randomBatch, split, textFile } from 'scratchformer/data';
import { GPT } from 'scratchformer/models';
import { AdamW, decayGroups, warmupCosine } from 'scratchformer/optimizers';
import { CharTokenizer } from 'scratchformer/tokenizers';
import { clipGradNorm } from 'scratchformer/train';
import { exampleArguments } from './support/arguments.ts';

const { seed, quick, words } = exampleArguments({ defaultSeed: 1337, maxWords: 2 });
const file = words[0];
const steps = Number(words[1] ?? (quick ? 60 : 300));

manualSeed(seed);
const { text } = file ? await textFile(file) : stories({ stories: 5000 });
const tokenizer = CharTokenizer.from(text);
const { train, validation } = split(tokenizer.encode(text), 0.1);

const model = new GPT({ vocabSize: tokenizer.vocabSize, context: 64, layers: 2, heads: 4, width: 64 });
const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.1 }), { betas: [0.9, 0.99] });
const schedule = warmupCosine({ peak: 3e-3, floor: 3e-4, warmup: 20, steps });

for (let step = 0; step < steps; step++) {
  const { inputs, targets } = randomBatch(train, { batchSize: 16, context: 64 });
  optimizer.lr = schedule(step);
  const loss = model.loss(inputs, targets);
  optimizer.zeroGrad();
  loss.backward(); // consumes the graph: there is nothing to dispose of
  clipGradNorm(model.parameters(), 1);
  optimizer.step();
  if (step % 50 === 0) console.log(`step ${step}: loss ${loss.item().toFixed(3)}`);
}

const { inputs, targets } = randomBatch(validation, { batchSize: 32, context: 64 });
console.log(`validation loss ${noGrad(() => model.loss(inputs, targets).item()).toFixed(3)}`);
console.log(
  tokenizer.decode(
    model.generate(tokenizer.encode(text[0]!), { maxTokens: 200, temperature: 0.8, topK: 40 }),
  ),
);

/* prints
step 0: loss …
…
validation loss …
…
*/
