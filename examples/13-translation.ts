// Translation: the first Transformer, trained as in its paper, learns a language of our own from pairs of
// sentences.
//
//     npm run example -- translation [FILE]
//
// FILE has your own pairs: in each line a sentence, a tab, and its translation, in any language and script.
// Their tokens are parts of words (byte-level BPE), so that no word is unknown; in the language of our own
// they are words.
//
// It ends with a picture of its attention, runs/translation/attention.svg: what each word was translated
// from. The translator is saved there, too: examples/translate.ts translates with it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { check, manualSeed } from 'scratchformer';
import { sentencePairs } from 'scratchformer/corpora';
import { pad, pairsFile } from 'scratchformer/data';
import { Transformer } from 'scratchformer/models';
import { Adam, noam } from 'scratchformer/optimizers';
import { attentionMap } from 'scratchformer/report';
import { BPETokenizer, WordTokenizer } from 'scratchformer/tokenizers';
import { Trainer } from 'scratchformer/train';
import { exampleArguments } from './support/arguments.ts';
import { describe } from './support/describe.ts';
import { progress } from './support/progress.ts';
import { printScore } from './support/score.ts';
import { shuffled } from './support/shuffled.ts';
import { batchesByLength, translationBatch } from './support/translationBatches.ts';
import { saveTranslator, special, specialIds } from './support/translator.ts';

const { seed, quick, words } = exampleArguments({ maxWords: 1 });
const [file] = words;
const steps = quick ? 20 : 3500;
manualSeed(seed);

// No sentence that is held out is ever trained on.
const pairs = shuffled(file ? await pairsFile(file) : sentencePairs({ stories: quick ? 500 : 20_000 }));
const heldOut = pairs.slice(0, Math.min(quick ? 20 : 1000, Math.ceil(pairs.length / 10)));
const unseen = new Set(heldOut.map(([source]) => source));
const training = pairs.filter(([source]) => !unseen.has(source));
check(
  training.length > 0,
  'translation',
  'there are at least two pairs with different sources',
  () => `${pairs.length} pairs`,
);

// One vocabulary for both languages.
const tokenizer = file
  ? BPETokenizer.train(training.flat(), { vocabSize: 4096, specialTokens: special })
  : WordTokenizer.from(training.flat().join(' '), { special, unknown: '[UNK]' });
const tokens = specialIds(tokenizer);
const encode = (sentence: string) => [...tokenizer.encode(sentence), tokens.stop];
// A pair that is much longer than a sentence would cost more than it teaches.
const tokenPairs = (list: typeof pairs) =>
  list
    .map(([source, target]) => ({ text: [source, target], source: encode(source), target: encode(target) }))
    .filter(({ source, target }) => Math.max(source.length, target.length) <= 200);
const [learned, tests] = [tokenPairs(training), tokenPairs(heldOut)];
console.log(
  `${learned.length} pairs to learn from, ${tests.length} held out, ${tokenizer.vocabSize} ${file ? 'tokens' : 'words'}`,
);
check(learned.length > 0 && tests.length > 0, 'translation', 'sentences have at most 199 tokens', () => 'longer ones'); // biome-ignore format: one line

// The paper's recipe; the rate peaks at 0.5/√(64·400) = 0.003, since a small model takes larger steps.
const width = 64;
const maxLength = [...learned, ...tests].reduce(
  (most, { source, target }) => Math.max(most, source.length, target.length),
  0,
);
const model = new Transformer({
  vocabSize: tokenizer.vocabSize,
  context: Math.max(file ? 128 : 0, 2 * maxLength), // a bad translation may be longer than any good one
  layers: 2,
  heads: 4,
  width,
  dropout: 0.05,
});
console.log(describe(model));
const optimizer = new Adam(model.parameters(), { betas: [0.9, 0.98], eps: 1e-9 });
const schedule = noam({ width, warmup: 400, factor: 0.5 });
const batches = batchesByLength(learned, 32, tokens);
const nextBatch = () => batches.next().value!;
await new Trainer({ model, optimizer, schedule, nextBatch, steps, hooks: [progress(steps)] }).run();

const { start, stop } = tokens;
const greedy: number[][] = [];
for (let i = 0; i < tests.length; i += 100) {
  const sources = tests.slice(i, i + 100).map(({ source }) => source);
  greedy.push(...model.translateAll(pad(sources, tokens.padding), { start, stop }));
}
const part = quick ? 2 : 200;
const search = { start, stop, beams: 4, lengthPenalty: 0.6 };
const byBeams = tests.slice(0, part).map(({ source }) => model.translate(source, search));

for (const [
  i,
  {
    text: [source, target],
  },
] of tests.slice(0, 3).entries()) {
  console.log(`${source}\n  is      ${target}\n  became  ${tokenizer.decode(greedy[i]!)}`);
}

/** The share of translations that are, word for word, those expected. */
function exactShare(translations: readonly (readonly number[])[]): number {
  const exact = translations.filter(
    (translation, i) => `${[...translation, stop]}` === `${tests[i]!.target}`,
  );
  return exact.length / translations.length;
}

const longest = tests.reduce((a, b) => (b.source.length > a.source.length ? b : a));
const [weights] = model
  .crossAttention(translationBatch([longest], tokens).inputs)
  .toArray() as number[][][][];
const wordsOf = (ids: readonly number[]) => ids.map((id) => tokenizer.decode([id]));
const title = 'What each word of the translation attends to';
const map = attentionMap({
  title,
  weights: weights!,
  rows: wordsOf(longest.target),
  columns: wordsOf(longest.source),
});
mkdirSync('runs/translation', { recursive: true });
writeFileSync('runs/translation/attention.svg', map);
await saveTranslator('runs/translation', { model, tokenizer });

const [ofPart, ofBeams] = [greedy.slice(0, part), byBeams].map(
  (list) => `${(100 * exactShare(list)).toFixed(1)} %`,
);
console.log(`exact of the first ${byBeams.length}: greedy ${ofPart}, with 4 beams ${ofBeams}`);
const target = file ? undefined : 0.95;
printScore('translation', { metric: 'exact', value: exactShare(greedy), target, chance: 0, best: 1, quick });

/* prints
… pairs to learn from, … held out, … words
model: Transformer with … parameters; activation relu; norm post, LayerNorm
step …
  is      …
  became  …
exact of the first …: greedy … %, with 4 beams … %
score: translation exact=0.9940 target=0.9500 chance=0.0000 best=1.0000
*/
