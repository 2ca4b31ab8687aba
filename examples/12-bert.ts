// BERT: masked words and next sentences of small stories, then a task with few labels.
//
//     npm run example -- bert        (three to five minutes)
//
// Pre-trained by BERT's own recipe: 15 % of the words to guess, half the second sentences from another story,
// Adam without bias correction and with decay by name, a linear rise and fall of the rate, gradients clipped
// at norm 1. Two things are for a model this small and minutes instead of days: louder weights at the start,
// and a first phase with next sentences alone.

import { argmax, manualSeed, randomStream, Tensor } from 'scratchformer';
import { recognise, stories } from 'scratchformer/corpora';
import { type FramedPair, framedPair, maskTokens, pad, randomPair } from 'scratchformer/data';
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

// The data: stories cut in two after the sentence in which a thing is found, and ended after the one that
// tells what became of it. Both name the thing, so whether the two parts belong together can nearly always be
// known.

const { text } = stories({ stories: quick ? 1000 : 20_500 });
const lines = text.trimEnd().split('\n');
const special = ['[PAD]', '[CLS]', '[SEP]', '[MASK]'];
const tokenizer = WordTokenizer.from(lines.join(' '), { special });
const { vocabSize } = tokenizer;
const [PAD, CLS, SEP, MASK] = special.map((word) => tokenizer.id(word)) as [number, number, number, number];
const documents = lines.map((line) => {
  const sentences = line.match(/[^.]+\./g)!;
  const found = 1 + sentences.findIndex((sentence) => / at the |^ There /.test(sentence));
  const end = 1 + sentences.findIndex((sentence) => /^ \w+ (gave|hid|sold) |^ The \w+ made /.test(sentence));
  const parts = [sentences.slice(0, found), sentences.slice(found, end)];
  return parts.map((part) => tokenizer.encode(part.join('')));
});
const [held, train] = [documents.slice(0, 500), documents.slice(500)];
const frame = { cls: CLS, sep: SEP };
const truePairs = (of: typeof documents) => of.map(([first, second]) => framedPair(first!, second!, frame));

/** Inputs of the model: pairs of one length, perhaps with other words than their own. */
function batch(pairs: readonly FramedPair[], words = pairs.map(({ tokens }) => tokens)) {
  const segments = pairs.map(({ segments }) => segments);
  return { ...pad(words, PAD), segments: pad(segments, 0).tokens };
}
const labels = (values: readonly number[]) => Tensor.over(Int32Array.from(values), [values.length]);

/** BERT's recipe for a model that knows its loss. */
async function learn<T>(model: Trainable<Inputs, T>, options: FitOptions<T>): Promise<void> {
  const { steps, peak, nextBatch, hooks = [] } = options;
  const groups = decayGroupsByName(model, { weightDecay: 0.01 });
  const optimizer = new AdamW(groups, { betas: [0.9, 0.999], eps: 1e-6, biasCorrection: false });
  const schedule = bertSchedule({ peak, warmup: Math.ceil(steps / 10), steps });
  await new Trainer({ model, optimizer, schedule, steps, nextBatch, clip: 1, hooks }).run();
}
interface FitOptions<T> {
  readonly nextBatch: () => { inputs: ReturnType<typeof batch>; targets: T };
  readonly steps: number;
  readonly peak: number;
  readonly hooks?: readonly Hook[];
}
const correctShare = (logits: Tensor, expected: ArrayLike<number>) => {
  const guesses = argmax(logits, -1).toTypedArray();
  return guesses.filter((guess, i) => guess === expected[i]).length / guesses.length;
};

// Pre-training.

/**
 * The weights of 0.02 are made for a width of 768; 64 channels need louder ones. Keys start as queries, so
 * that equal words attend to each other from the first step: the same thing in both parts is what there is to
 * find.
 */
function newModel(): BERT {
  const start = { initStd: 0.1, tokenStd: 0.5, positionInit: 'sinusoidal' } as const;
  const model = new BERT({ vocabSize, context: 64, layers: 3, heads: 4, width: 64, dropout: 0, ...start });
  for (const { attention } of model.encoder.blocks) attention.key.loadStateDict(attention.query.stateDict());
  return model;
}
const model = newModel();
console.log(describe(model));
console.log(describeGroups(decayGroupsByName(model, { weightDecay: 0.01 })));

const masking = { vocabSize, special: special.length, mask: MASK };
const randomPairs = (length: number) => Array.from({ length }, () => randomPair(train, frame));
const isNext = (pairs: readonly { isNext: boolean }[]) => labels(pairs.map(({ isNext }) => Number(isNext)));

// Next sentence alone, and at a low rate. Learned together from the start, the masked words would drown its
// faint signal: whether it follows would be guessed from "he" and "she" for as long as we have patience.
const first = quick ? 10 : 2500;
const onlyPairs = () => {
  const pairs = randomPairs(32);
  return { inputs: batch(pairs), targets: { isNext: isNext(pairs) } };
};
await learn(model, { nextBatch: onlyPairs, steps: first, peak: 5e-4, hooks: [progress(first)] });

// Then both together, as in BERT.
const steps = quick ? 10 : 20_000;
const maskedPairs = () => {
  const pairs = randomPairs(16);
  const masked = pairs.map(({ tokens }) => maskTokens(tokens, masking));
  const [inputs, targets] = [masked.map(({ inputs }) => inputs), masked.map(({ targets }) => targets)];
  const { tokens } = pad(targets, -100);
  return { inputs: batch(pairs, inputs), targets: { tokens, isNext: isNext(pairs) } };
};
await learn(model, { nextBatch: maskedPairs, steps, peak: 1.5e-3, hooks: [progress(steps)] });

// What it has learned, on stories it has not seen: true pairs in which every chosen word is hidden behind
// [MASK].

const random = randomStream('held out');
const pairs = truePairs(held);
const masked = pairs.map(({ tokens }) => maskTokens(tokens, { ...masking, random }));
const { tokens } = pad(masked.map(({ targets }) => targets), -100); // biome-ignore format: one line
const { positions, words } = predicted(tokens);
const hidden = masked.map(({ inputs, targets }) =>
  inputs.map((token, i) => (targets[i] === -100 ? token : MASK)),
);
const guessed = inference(model, () => model.forward(batch(pairs, hidden), positions).words);
const answers = words.toTypedArray();
const frequency = (word: number) => answers.filter((answer) => answer === word).length / answers.length;
const whole = lines.map((line) => [...tokenizer.encode(line)]);
const puzzles = held.map(([first], i) => {
  const places = [...masked[i]!.targets.keys()].filter((at) => masked[i]!.targets[at] !== -100);
  const withoutFrame = (at: number) => at - (at <= first!.length ? 1 : 2); // [CLS], and the first [SEP]
  return { words: whole[i]!, hidden: places.map(withoutFrame) };
});
const decode = (words: number[]) => tokenizer.decode(words);
const knowable = bestGuess(quick ? puzzles.slice(0, 3) : puzzles, { corpus: whole, decode });
printScore('bert-masked-words', {
  metric: 'maskedWords',
  value: correctShare(guessed, answers),
  target: knowable - 0.05,
  chance: Math.max(...[...answers].map(frequency)),
  best: knowable,
  quick,
});

// A rest that names the same thing and has the same pronoun fits as well: then nobody can know.
const mixed = Array.from({ length: 500 }, () => randomPair(held, { ...frame, random }));
const wordsOf = (tokens: Int32Array) => decode([...tokens].filter((token) => token >= special.length));
const deceptive = mixed.filter(({ tokens, isNext }) => !isNext && recognise(wordsOf(tokens)).grammatical);
const follows = inference(model, () => model.forward(batch(mixed), labels([0])).isNext);
printScore('bert-next-sentence', {
  metric: 'nextSentence',
  value: correctShare(follows, isNext(mixed).toTypedArray()),
  target: 0.95,
  chance: 0.5,
  best: 1 - deceptive.length / mixed.length,
  quick,
});

// Fine-tuning: at which of 8 places is it? The place is hidden; the thing, or what is seen there, tells.

const names = ['lake', 'farm', 'park', 'yard', 'shop', 'castle', 'cave', 'camp'];
const places = names.map((name) => tokenizer.id(name));
const labelled = (of: typeof documents) =>
  truePairs(of).map((pair) => ({
    ...pair,
    tokens: pair.tokens.map((token) => (places.includes(token) ? MASK : token)),
    label: places.indexOf(pair.tokens.find((token) => places.includes(token))!),
  }));
const few = labelled(train.slice(0, 192));
const test = labelled(held);

/** Share of right places after a short training on few labels, at a low rate: what it knows is to stay. */
async function fineTuned({ encoder }: BERT): Promise<number> {
  const classifier = new BERTClassifier(encoder, { classes: places.length });
  const pick = randomStream('few');
  const nextBatch = () => {
    const stories = Array.from({ length: 16 }, () => few[Math.floor(pick() * few.length)]!);
    return { inputs: batch(stories), targets: labels(stories.map(({ label }) => label)) };
  };
  await learn(classifier, { nextBatch, steps: quick ? 10 : 300, peak: 5e-4 });
  const logits = inference(classifier, () => classifier.forward(batch(test)));
  return correctShare(logits, test.map(({ label }) => label)); // biome-ignore format: one line
}
const fromScratch = await fineTuned(newModel());
console.log(`the place, from ${few.length} labels and without pre-training: ${fromScratch.toFixed(4)} right`);
const value = await fineTuned(model);
const target = Math.max(0.97, fromScratch);
printScore('bert-fine-tuned', { metric: 'fineTuned', value, target, chance: 1 / 8, best: 1, quick });

/* prints
model: BERT with 186,542 parameters; activation geluTanh; norm post, LayerNorm
decay: 24 tensors, 183,296 parameters (weight decay 0.01)
no decay: 38 tensors, 3,246 parameters
step …
score: bert-masked-words maskedWords=0.7025 target=… chance=0.1399 best=0.7141
score: bert-next-sentence nextSentence=0.9960 target=0.9500 chance=0.5000 best=0.9960
the place, from 192 labels and without pre-training: … right
score: bert-fine-tuned fineTuned=1.0000 target=0.9700 chance=0.1250 best=1.0000
*/
