// Conformer: hears words of a synthetic language in voices that it does not know, and spells them.
//
//     npm run example -- conformer [FOLDER]    (your own: WAV files with a transcript beside each, NAME.txt, or
//                                               all in transcripts.tsv: in each line a file, a tab, and its text)
//
// A symbol of the language is a glide between vowels, so no moment of it tells which it is. Nobody says where
// in the sound a symbol begins: CTC sums over all ways to spread the symbols over the frames. The score is
// that of greedy decoding. It ends with a picture, runs/conformer/alignment.svg: a spectrogram and what was
// heard when.

import { mkdirSync, writeFileSync } from 'node:fs';
import { check, manualSeed } from 'scratchformer';
import { speechRate, speechSymbols, spokenWords } from 'scratchformer/corpora';
import { Conformer } from 'scratchformer/models';
import { AdamW, decayGroups, warmupCosine } from 'scratchformer/optimizers';
import { speechAlignment } from 'scratchformer/report';
import { Trainer } from 'scratchformer/train';
import { exampleArguments } from './support/arguments.ts';
import { describe } from './support/describe.ts';
import { progress } from './support/progress.ts';
import { readRecordings } from './support/recordings.ts';
import { printScore } from './support/score.ts';
import { shuffled } from './support/shuffled.ts';
import { hear, speechBatch, speechBatches, symbolErrorRate } from './support/transcripts.ts';

const { seed, quick, words } = exampleArguments({ maxWords: 1 });
const [folder] = words;
const steps = quick ? 10 : 700;
manualSeed(seed);

/** Other words in other voices are held out; of recordings of your own, every tenth. */
async function data() {
  if (folder === undefined) {
    const training = spokenWords({ words: quick ? 60 : 3000, seed });
    const heldOut = spokenWords({ words: quick ? 20 : 500, speakers: 20, heldOut: true, seed });
    return { training, heldOut, alphabet: speechSymbols, rate: speechRate };
  }
  const { recordings, rate } = await readRecordings(folder);
  check(
    recordings.length > 1,
    'conformer',
    'there are at least two recordings',
    () => `${recordings.length}`,
  );
  const all = shuffled(recordings);
  const count = Math.ceil(all.length / 10);
  const alphabet = [...new Set(all.flatMap(({ word }) => [...word]))].sort().join('');
  return { training: all.slice(count), heldOut: all.slice(0, count), alphabet, rate };
}
const { training, heldOut, ...source } = await data();
const { alphabet } = source;
console.log(
  `${training.length} recordings to learn from, ${heldOut.length} held out, ${alphabet.length} symbols`,
);
const [learned, tests] = [training, heldOut].map((list) => list.map((recording) => hear(recording, source)));

const model = new Conformer({
  vocabSize: 1 + alphabet.length,
  mels: 40,
  layers: 3,
  heads: 4,
  width: 64,
  hidden: 128,
  kernel: 15, // frames of 40 ms: 0.6 s, some five symbols
  channels: 24,
});
console.log(describe(model));

const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.01 }), { betas: [0.9, 0.98] });
const schedule = warmupCosine({ peak: 3e-3, floor: 3e-5, warmup: Math.ceil(steps / 10), steps });
const batches = speechBatches(learned!, 16);
const nextBatch = () => batches.next().value!;
const units = ({ inputs }: ReturnType<typeof nextBatch>) => inputs.frames.length;
await new Trainer({ model, optimizer, schedule, nextBatch, units, steps, hooks: [progress(steps)] }).run();

/** What the model spells, 25 recordings at a time. */
function spelled(beams: number): string[] {
  const parts = Array.from({ length: Math.ceil(tests!.length / 25) }, (_, i) =>
    tests!.slice(25 * i, 25 * (i + 1)),
  );
  const found = parts.flatMap((part) => model.transcribe(speechBatch(part).inputs, { beams }));
  return found.map((symbols) => symbols.map((symbol) => [...alphabet][symbol - 1]).join(''));
}
const said = heldOut.map(({ word }) => word);
const [greedy, byBeams] = [spelled(0), spelled(8)];
for (const [i, word] of said.slice(0, 3).entries()) console.log(`${word} was heard as ${greedy[i]}`);
const [byPath, bySum] = [greedy, byBeams].map(
  (list) => `${(100 * symbolErrorRate(list, said)).toFixed(2)} %`,
);
console.log(`symbol errors: greedy ${byPath}, with 8 prefix beams ${bySum}`);

const shown = tests!.find(({ word }) => word.length >= 5) ?? tests![0]!;
const spectrogram = shown.spectrogram.toArray() as number[][];
const [heard] = model.probabilities(speechBatch([shown]).inputs);
const picture = speechAlignment({
  title: `“${shown.word}”, said by a voice that was held out, and what was heard when`,
  spectrogram,
  probabilities: heard!.map((row) => Array.from(row, Math.exp)),
  symbols: ['blank', ...alphabet],
  seconds: spectrogram.length * 0.01,
});
mkdirSync('runs/conformer', { recursive: true });
writeFileSync('runs/conformer/alignment.svg', picture);

const value = symbolErrorRate(greedy, said);
const target = folder === undefined ? 0.05 : undefined;
printScore('conformer', { metric: 'symbolErrors', value, target, chance: 1, best: 0, quick });

/* prints
… recordings to learn from, … held out, … symbols
model: Conformer with 226,581 parameters; activation silu, glu; norm pre, LayerNorm, BatchNorm
step …
… was heard as …
symbol errors: greedy … %, with 8 prefix beams … %
score: conformer symbolErrors=0.0018 target=0.0500 chance=1.0000 best=0.0000
*/
