// Translation: the first Transformer, with the recipe of its paper, learns a language that it has only seen in examples.
//
//     npm run example -- translation [FILE]        (sentence, tab, translation in each line; default: stories in our language)
//
// The attention of the decoder goes into runs/translation/attention.svg: each word and what it is made from.

import { mkdirSync, writeFileSync } from 'node:fs';
import { manualSeed, randomStream } from 'scratchformer';
import { pad, pairsFile, type SentencePair, sentencePairs } from 'scratchformer/data';
import { Transformer } from 'scratchformer/models';
import { Adam, noam } from 'scratchformer/optimizers';
import { WordTokenizer } from 'scratchformer/tokenizers';
import { Trainer } from 'scratchformer/train';
import { exampleArguments } from './support/arguments.ts';
import { attentionMap } from './support/attentionMap.ts';
import { progress } from './support/progress.ts';
import { printScore } from './support/score.ts';

const { seed, quick, words } = exampleArguments();
const [file] = words;
const steps = quick ? 20 : 3500;
const BATCH = 32;
manualSeed(seed);

const random = randomStream('shuffle');
function shuffled<T>(items: readonly T[]): T[] {
  return items.map((item) => ({ item, place: random() })).sort((a, b) => a.place - b.place).map(({ item }) => item); // biome-ignore format: one line
}

const pairs = shuffled(file ? await pairsFile(file) : sentencePairs({ stories: quick ? 500 : 20_000 }));
const heldOut = pairs.slice(0, quick ? 20 : Math.min(1000, Math.floor(pairs.length / 10)));
const tests = new Set(heldOut.map(([source]) => source));
const training = pairs.filter(([source]) => !tests.has(source));

const tokenizer = WordTokenizer.from(training.flat().join(' '), {
  special: ['[PAD]', '[BOS]', '[EOS]', '[UNK]'],
  unknown: '[UNK]',
});
const [padding, start, stop] = ['[PAD]', '[BOS]', '[EOS]'].map((token) => tokenizer.id(token)) as [
  number,
  number,
  number,
];
console.log(`${training.length} pairs to learn from, ${heldOut.length} held out, ${tokenizer.vocabSize} words`);

interface Example {
  readonly source: readonly number[];
  readonly target: readonly number[];
}
const encode = ([source, target]: SentencePair): Example => ({
  source: [...tokenizer.encode(source), stop],
  target: [...tokenizer.encode(target), stop],
});
const sources = (examples: readonly Example[]) => pad(examples.map(({ source }) => source), padding); // biome-ignore format: one line

function batchOf(examples: readonly Example[]) {
  const target = pad(examples.map(({ target }) => [start, ...target.slice(0, -1)]), padding).tokens; // biome-ignore format: one line
  const targets = pad(examples.map(({ target }) => target), -100).tokens; // biome-ignore format: one line
  return { inputs: { ...sources(examples), target }, targets };
}

/** Batches without end: each epoch in another order, but sentences of one length together, so that little is padding. */
function* batches(examples: readonly Example[]) {
  for (;;) {
    const byLength = shuffled(examples).sort((a, b) => a.source.length - b.source.length || a.target.length - b.target.length); // biome-ignore format: one line
    const cuts = Array.from({ length: Math.ceil(byLength.length / BATCH) }, (_, i) => i * BATCH);
    for (const cut of shuffled(cuts)) yield batchOf(byLength.slice(cut, cut + BATCH));
  }
}

const width = 64;
const model = new Transformer({ vocabSize: tokenizer.vocabSize, layers: 2, heads: 4, width, dropout: 0.05 });
const optimizer = new Adam(model.parameters(), { betas: [0.9, 0.98], eps: 1e-9 });
const schedule = noam({ width, warmup: 400, factor: 0.5 });
const supply = batches(training.map(encode));
const nextBatch = () => supply.next().value!;
await new Trainer({ model, optimizer, schedule, nextBatch, steps, hooks: [progress(steps)] }).run();

/** How many of the translations are those expected, word for word. */
function exactShare(translations: readonly (readonly number[])[], expected: readonly Example[]): number {
  const right = expected.filter(({ target }, i) => `${[...translations[i]!, stop]}` === `${target}`);
  return right.length / expected.length;
}

const maxTokens = 40;
const examples = heldOut.map(encode);
const greedy: number[][] = [];
for (let i = 0; i < examples.length; i += 100) {
  greedy.push(...model.translateAll(sources(examples.slice(i, i + 100)), { start, stop, maxTokens }));
}
const part = examples.slice(0, quick ? 2 : 200);
const search = { start, stop, maxTokens, beams: 4, lengthPenalty: 0.6 };
const beam = part.map(({ source }) => model.translate(source, search));

for (const [i, [source, target]] of heldOut.slice(0, 3).entries()) {
  console.log(`\n${source}\n  expected ${target}\n  greedy   ${tokenizer.decode(greedy[i]!)}`);
}

const longest = examples.reduce((a, b) => (b.source.length > a.source.length ? b : a));
const { inputs } = batchOf([longest]);
const wordsOf = (ids: readonly number[]) => ids.map((id) => tokenizer.decode([id]));
const picture = attentionMap({
  title: 'What each word of the translation looks at in the source',
  weights: (model.crossAttention(inputs).toArray() as number[][][][])[0]!,
  rows: wordsOf(longest.target),
  columns: wordsOf(longest.source),
});
mkdirSync('runs/translation', { recursive: true });
writeFileSync('runs/translation/attention.svg', picture);

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
console.log(
  `\nexact: greedy ${percent(exactShare(greedy.slice(0, part.length), part))}, beam 4 ${percent(exactShare(beam, part))} of the first ${part.length}`,
);
const value = exactShare(greedy, examples);
printScore('translation', { metric: 'exact', value, target: file ? 0 : 0.95, chance: 0, best: 1 }, { quick });

/* prints
… pairs to learn from, … held out, … words
step …
exact: greedy … %, beam 4 … % of the first …
score: translation exact=1.0000 target=0.9500 chance=0.0000 best=1.0000
*/
