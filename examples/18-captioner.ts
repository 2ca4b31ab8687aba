// Captioner: films of two shapes become sentences, also for pairs of shapes never seen together.
//
//     npm run example -- captioner        (five minutes)
//
// One encoder sees. A decoder writes from what was seen: "a red square passes behind a blue bar". A
// classifier beside it says what moves which way, and both teach the encoder. It ends with a picture of where
// the decoder looks for each word, runs/captioner/attention.svg.

import { mkdirSync, writeFileSync } from 'node:fs';
import { add, argmax, crossEntropy, manualSeed, mean, mul, Tensor } from 'scratchformer';
import { FILM_FRAMES, FILM_SIZE, type Film, filmCaptions, films, moves } from 'scratchformer/corpora';
import { pad } from 'scratchformer/data';
import { Captioner, FilmClassifier } from 'scratchformer/models';
import { inference, ModuleList } from 'scratchformer/nn';
import { AdamW, decayGroups, warmupCosine } from 'scratchformer/optimizers';
import { filmAttention } from 'scratchformer/report';
import { WordTokenizer } from 'scratchformer/tokenizers';
import { Trainer } from 'scratchformer/train';
import { exampleArguments } from './support/arguments.ts';
import { describe } from './support/describe.ts';
import { progress } from './support/progress.ts';
import { printScore } from './support/score.ts';

const { seed, quick } = exampleArguments();
const steps = quick ? 10 : 7000;
manualSeed(seed);

// A fifth of the pairs of looks is held out: red squares and blue bars are learned, but never both in one
// film.
const [known, unknown] = [filmCaptions(), filmCaptions({ heldOut: true })];
console.log(`${known.length} captions to learn from, ${unknown.length} others of pairs held out`);
const special = ['[PAD]', '[BOS]', '[EOS]'];
const tokenizer = WordTokenizer.from(known.join(' '), { special });
const [padding, start, stop] = special.map((word) => tokenizer.id(word)) as [number, number, number];

const input = [FILM_FRAMES, FILM_SIZE, FILM_SIZE, 3];

/** Films, the words that are written so far, and the next ones; and the class of what moves. */
function batch(shown: readonly Film[]) {
  const { length } = shown[0]!.pixels;
  const pixels = new Float32Array(shown.length * length);
  for (const [i, film] of shown.entries()) pixels.set(film.pixels, i * length);
  const captions = shown.map(({ caption }) => [...tokenizer.encode(caption)]);
  const [words, next] = [
    captions.map((words) => [start, ...words]),
    captions.map((words) => [...words, stop]),
  ];
  return {
    films: Tensor.over(pixels, [shown.length, ...input]),
    words: pad(words, padding).tokens,
    next: pad(next, -100).tokens,
    moves: Tensor.over(Int32Array.from(shown, ({ move }) => move), [shown.length]),
  }; // biome-ignore format: one line each
}

// A tubelet is a place of 4 × 4 pixels through all 8 pictures: what comes, goes or is hidden there shows in one.
const patch = [FILM_FRAMES, 4, 4];
const captioner = new Captioner({ input, patch, vocabSize: tokenizer.vocabSize, context: 12, width: 64 });
const classifier = new FilmClassifier(captioner.encoder, { classes: moves.length });
console.log(describe(captioner));

const model = new ModuleList([captioner, classifier]); // they share the encoder, which counts once
const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.05 }), { betas: [0.9, 0.98] });
const schedule = warmupCosine({ peak: 1.6e-3, floor: 1.6e-5, warmup: Math.ceil(steps / 20), steps });
// Some more films show one shape that passes the other: which of them is in front, few pixels tell.
const nextFilm = films({ seed });
const nextPassing = films({ seed, relations: ['passes behind', 'passes in front of'] });
const training = {
  model,
  optimizer,
  schedule,
  nextBatch: () => batch(Array.from({ length: 16 }, (_, i) => (i % 4 ? nextFilm : nextPassing)())), // each seen once
  units: ({ films }: ReturnType<typeof batch>) => films.shape[0]!,
  hooks: [progress(steps)],
};
// First words alone, then both. With both from the start, the encoder learns the way of things, which is easy, and
// does not come to see which of two is in front.
const alone = Math.floor(steps / 3);
await new Trainer({
  ...training,
  steps: alone,
  loss: ({ films, words, next }) => captioner.loss({ films, words }, next),
}).run();
await new Trainer({
  ...training,
  startStep: alone,
  steps,
  loss: ({ films, words, next, moves }) => {
    const seen = captioner.see(films); // once for both
    const inWords = crossEntropy(captioner.write(words, seen), next);
    return add(inWords, mul(crossEntropy(classifier.classify(seen), moves), 0.5));
  },
}).run();

// What it says of pairs that it has never seen together.
const tests = Array.from({ length: quick ? 20 : 1000 }, films({ seed, heldOut: true }));
const parts = Array.from({ length: Math.ceil(tests.length / 100) }, (_, i) =>
  tests.slice(100 * i, 100 * i + 100),
);
const written = parts.flatMap((part) => captioner.captionAll(batch(part).films, { start, stop }));
const told = written.map((words) => tokenizer.decode(words));
const guessed = parts.flatMap((part) => [
  ...inference(classifier, () => argmax(classifier.forward(batch(part).films), -1).toTypedArray()),
]);
for (const [i, { caption, move }] of tests.slice(0, 4).entries()) {
  console.log(`${caption} (${moves[move]})\n  became ${told[i]} (${moves[guessed[i]!]})`);
}

const share = (is: (film: Film, i: number) => boolean) => tests.filter(is).length / tests.length;
const few = tests.slice(0, quick ? 2 : 100);
const byBeams = few.map((film) => captioner.caption(batch([film]).films, { start, stop, beams: 4 }));
const right = byBeams.filter((words, i) => tokenizer.decode(words) === few[i]!.caption).length;
console.log(`exact of the first ${few.length} with 4 beams: ${right}`);

// Where it looked, in one of the films that it told right, if there is one.
const good =
  tests.find(({ caption }, i) => caption === told[i] && caption.includes('passes behind')) ?? tests[0]!;
const one = batch([good]);
const looks = inference(captioner, () => mean(captioner.crossAttention(one), 1).toArray()) as number[][][];
const [, down, across] = captioner.encoder.grid as [number, number, number];
const picture = filmAttention({
  title: 'Where the captioner looks for each word',
  pixels: good.pixels,
  size: [FILM_FRAMES, FILM_SIZE, FILM_SIZE],
  grid: [FILM_FRAMES, down, across],
  words: good.caption.split(' '),
  // without the row that finds the stop token; a tubelet is in every picture of the film
  weights: looks[0]!.slice(0, -1).map((places) => Array.from({ length: FILM_FRAMES }, () => places).flat()),
});
mkdirSync('runs/captioner', { recursive: true });
writeFileSync('runs/captioner/attention.svg', picture);

const mostFrequent = (of: readonly (string | number)[]) =>
  Math.max(...[...new Set(of)].map((one) => of.filter((other) => other === one).length)) / of.length;
printScore('captioner', {
  metric: 'exact', value: share(({ caption }, i) => caption === told[i]),
  target: 0.95, chance: mostFrequent(tests.map(({ caption }) => caption)), best: 1, quick,
}); // biome-ignore format: compact
printScore('captioner-moves', {
  metric: 'moves', value: share(({ move }, i) => move === guessed[i]),
  target: 0.97, chance: mostFrequent(tests.map(({ move }) => move)), best: 1, quick,
}); // biome-ignore format: compact

/* prints
1368 captions to learn from, 360 others of pairs held out
model: Captioner with 312,044 parameters; activation gelu, glu; norm pre, LayerNorm
step …
  became …
exact of the first …
score: captioner exact=0.9820 target=0.9500 chance=0.0090 best=1.0000
score: captioner-moves moves=0.9990 target=0.9700 chance=0.1070 best=1.0000
*/
