// BERT: masked words and next sentences of small stories, then a task with few labels.
//
//     npm run example -- bert
//
// Pre-trained by BERT's own recipe: 15 % of the words to guess, half the second sentences from another story, Adam without
// bias correction and with decay by name, a linear rise and fall of the rate, gradients clipped at norm 1. Only its numbers
// are for a small model.

import { argmax, manualSeed, randomStream, Tensor } from 'scratchformer';
import { type FramedPair, maskTokens, pad, randomPair, sentencePair, stories } from 'scratchformer/data';
import { BERT, BERTClassifier, predicted } from 'scratchformer/models';
import { inference } from 'scratchformer/nn';
import { AdamW, bertSchedule, decayGroupsByName, describeGroups } from 'scratchformer/optimizers';
import { WordTokenizer } from 'scratchformer/tokenizers';
import { type Hook, type Inputs, type Trainable, Trainer } from 'scratchformer/train';
import { exampleArguments } from './support/arguments.ts';
import { bestGuess } from './support/bestGuess.ts';
import { describe } from './support/describe.ts';
import { progress } from './support/progress.ts';
import { printScore } from './support/score.ts';

const { seed, quick } = exampleArguments();
manualSeed(seed);

// The data: stories cut in two before the sentence that tells what became of the thing found, and ended after it. It names
// the thing, so whether the two parts belong together can nearly always be known.

const lines = stories({ stories: quick ? 1000 : 20_500 })
  .text.trimEnd()
  .split('\n');
const special = ['[PAD]', '[CLS]', '[SEP]', '[MASK]'];
const tokenizer = WordTokenizer.from(lines.join(' '), { special });
const { vocabSize } = tokenizer;
const [PAD, CLS, SEP, MASK] = special.map((word) => tokenizer.id(word)) as [number, number, number, number];
const documents = lines.map((line) => {
  const sentences = line.match(/[^.]+\./g)!;
  const fate = sentences.findIndex((sentence) => /^ \w+ (gave|hid|sold) |^ The \w+ made /.test(sentence));
  return [sentences.slice(0, fate).join(''), sentences[fate]!].map((part) => tokenizer.encode(part));
});
const [held, train] = [documents.slice(0, 500), documents.slice(500)];
const frame = { cls: CLS, sep: SEP };
const truePairs = (of: typeof documents) => of.map(([first, second]) => sentencePair(first!, second!, frame));

/** What the model reads: pairs of one length, perhaps with other words than their own. */
function batch(pairs: readonly FramedPair[], words = pairs.map(({ tokens }) => tokens)) {
  return { ...pad(words, PAD), segments: pad(pairs.map(({ segments }) => segments), 0).tokens }; // biome-ignore format: one line
}
const labels = (values: readonly number[]) => Tensor.over(Int32Array.from(values), [values.length]);

/** BERT's recipe for a model that knows its loss. β₂ is lower than BERT's 0.999: runs are short, and averages must keep up. */
async function learn<T>(model: Trainable<Inputs, T>, options: FitOptions<T>): Promise<void> {
  const { steps, peak, ...rest } = options;
  const groups = decayGroupsByName(model, { weightDecay: 0.01 });
  const optimizer = new AdamW(groups, { betas: [0.9, 0.98], eps: 1e-6, biasCorrection: false });
  const schedule = bertSchedule({ peak, warmup: Math.ceil(steps / 20), steps });
  await new Trainer({ model, optimizer, schedule, steps, clip: 1, ...rest }).run();
}
interface FitOptions<T> {
  readonly nextBatch: () => { inputs: ReturnType<typeof batch>; targets: T };
  readonly steps: number;
  readonly peak: number;
  readonly hooks?: readonly Hook[];
}
const correctShare = (scores: Tensor, expected: ArrayLike<number>) => {
  const guesses = argmax(scores, -1).toTypedArray();
  return guesses.filter((guess, i) => guess === expected[i]).length / guesses.length;
};

// Pre-training.

// At 0.02, the recipe's for a width of 768, so narrow a model starts too quietly to learn much in minutes.
const start = { initStd: 0.12, embeddingStd: 0.5, positionInit: 'sinusoidal' } as const;
const size = { vocabSize, context: 64, layers: 2, heads: 4, width: 64, dropout: 0, ...start };
const model = new BERT(size);
console.log(describe(model));
console.log(describeGroups(decayGroupsByName(model, { weightDecay: 0.01 })));

// A third of the words instead of 15 %: in few steps, twice the targets teach more than the words they hide.
const masking = { vocabSize, special: special.length, mask: MASK, share: 0.3 };
const steps = quick ? 20 : 12_000;
const nextBatch = () => {
  const pairs = Array.from({ length: 16 }, () => randomPair(train, frame));
  const masked = pairs.map(({ tokens }) => maskTokens(tokens, masking));
  const tokens = pad(masked.map(({ targets }) => targets), -100).tokens; // biome-ignore format: one line
  return {
    inputs: batch(pairs, masked.map(({ inputs }) => inputs)),
    targets: { tokens, isNext: labels(pairs.map(({ isNext }) => Number(isNext))) },
  }; // biome-ignore format: one line each
};
await learn(model, { nextBatch, steps, peak: 3e-3, hooks: [progress(steps)] });

// What it has learned, on stories it has not seen: true pairs in which every chosen word is hidden behind [MASK].

const random = randomStream('held out');
const pairs = truePairs(held);
const masked = pairs.map(({ tokens }) => maskTokens(tokens, { ...masking, share: 0.15, random }));
const { positions, words } = predicted(pad(masked.map(({ targets }) => targets), -100).tokens); // biome-ignore format: one line
const hidden = masked.map(({ inputs, targets }) => inputs.map((token, i) => (targets[i] === -100 ? token : MASK)));
const guessed = inference(model, () => model.forward(batch(pairs, hidden), positions).words);
const answers = words.toTypedArray();
const frequency = (word: number) => answers.filter((answer) => answer === word).length / answers.length;
const whole = lines.map((line) => [...tokenizer.encode(line)]);
const reads = held.map((parts) => parts.reduce((total, { length }) => total + length, 0));
const knowable = bestGuess(
  reads.slice(0, quick ? 5 : 500).map((reads, i) => ({ words: whole[i]!, reads })),
  { corpus: whole, decode: (words) => tokenizer.decode(words), random },
);
printScore('bert-masked-words', {
  metric: 'right', value: correctShare(guessed, answers),
  target: knowable - 0.05, chance: Math.max(...Array.from({ length: vocabSize }, (_, word) => frequency(word))), best: knowable,
}, { quick }); // biome-ignore format: compact

// A rest that names the same thing (of 32) and has the same pronoun (of 2) fits as well: 1 wrong pair of 64 looks right.
const mixed = Array.from({ length: 500 }, () => randomPair(held, { ...frame, random }));
const follows = inference(model, () => model.forward(batch(mixed), labels([0])).isNext);
const isNext = mixed.map((pair) => Number(pair.isNext));
printScore('bert-next-sentence', {
  metric: 'right', value: correctShare(follows, isNext), target: 0.95, chance: 0.5, best: 1 - 1 / 128,
}, { quick }); // biome-ignore format: compact

// Fine-tuning: at which of 8 places is it? The place is hidden; the thing, or what is seen there, tells.

const places = ['lake', 'farm', 'park', 'yard', 'shop', 'castle', 'cave', 'camp'].map((place) => tokenizer.id(place));
const labelled = (of: typeof documents) =>
  truePairs(of).map((pair) => ({
    ...pair,
    tokens: pair.tokens.map((token) => (places.includes(token) ? MASK : token)),
    label: places.indexOf(pair.tokens.find((token) => places.includes(token))!),
  }));
const few = labelled(train.slice(0, 128));
const test = labelled(held);

/** Share of right places after a short training on few labels. */
async function fineTuned({ encoder }: BERT, peak: number): Promise<number> {
  const classifier = new BERTClassifier(encoder, { classes: places.length });
  const pick = randomStream('few');
  const nextBatch = () => {
    const stories = Array.from({ length: 16 }, () => few[Math.floor(pick() * few.length)]!);
    return { inputs: batch(stories), targets: labels(stories.map(({ label }) => label)) };
  };
  await learn(classifier, { nextBatch, steps: quick ? 10 : 200, peak });
  const scores = inference(classifier, () => classifier.forward(batch(test)));
  return correctShare(scores, test.map(({ label }) => label)); // biome-ignore format: one line
}
const fromScratch = await fineTuned(new BERT(size), 1e-3);
console.log(`the place, from ${few.length} labels and without pre-training: ${fromScratch.toFixed(4)} right`);
const value = await fineTuned(model, 1e-3);
printScore('bert-fine-tuned', { metric: 'right', value, target: 0.97, chance: 1 / 8, best: 1 }, { quick });

/* prints
model: BERT with 136,558 parameters; activation geluTanh; norm LayerNorm, post
decay: 18 tensors, 134,144 parameters (weight decay 0.01)
no decay: 28 tensors, 2,414 parameters
step …
score: bert-masked-words right=… target=… chance=… best=…
score: bert-next-sentence right=… target=0.9500 chance=0.5000 best=0.9922
the place, from 128 labels and without pre-training: … right
score: bert-fine-tuned right=… target=0.9700 chance=0.1250 best=1.0000
*/
