/**
 * Synthetic speech: words of 3 to 8 symbols in the voices of many speakers, at 8 kHz. A symbol is a path in
 * the triangle of the vowels i, a and u: one glide along a side, or two, there and back.
 *
 *   a ia  b ai  c iu  d ui  e au  f ua          g iai  h iui  i aia  j aua  k uiu  l uau
 *
 * So no moment tells the symbol, only its course does; and 'ab' (ia·ai) differs from 'g' (iai) by a short dip
 * of loudness and by time. Speakers differ in pitch, size of the throat, speed, loudness and noise.
 *
 * A voice is a train of pulses and a little breath, through a resonator for each of three formants, as in
 * Klatt, "Software for a cascade/parallel formant synthesizer", JASA 67 (1980).
 */
import seedrandom from 'seedrandom';
import { checkSeed, checkWhole, randomBelow, withDefaults } from '../tensor/index.ts';

/** A word that somebody says. */
export interface SpokenWord {
  /** Symbols of the word, letters of `speechSymbols`. */
  readonly word: string;
  /** Number of the speaker. */
  readonly speaker: number;
  /** Sound pressure between −1 and 1, `speechRate` samples per second. */
  readonly samples: Float32Array;
}

/** The options of `spokenWords`. */
export interface SpokenWordsOptions {
  /** Number of recordings. Default 1000. */
  readonly words?: number;
  /** Number of speakers, who take turns. Default 40. */
  readonly speakers?: number;
  /** Whether they are held out: other words in other voices than those that are not. Default false. */
  readonly heldOut?: boolean;
  /** Same seed, same recordings. Default 'speech'. */
  readonly seed?: string | number;
}

/** Samples per second. */
export const speechRate = 8000;

/** The symbols, in alphabetical order, and the path of each. */
const paths = { a: 'ia', b: 'ai', c: 'iu', d: 'ui', e: 'au', f: 'ua', g: 'iai', h: 'iui', i: 'aia', j: 'aua', k: 'uiu', l: 'uau' }; // biome-ignore format: a row
type Symbol = keyof typeof paths;

/** All symbols, in alphabetical order. */
export const speechSymbols = Object.keys(paths).join('');

/** The first two formants of the corners, in Hz; the third is the same in all. */
const corners = { i: [280, 2250], a: [750, 1250], u: [310, 780] } as const;
const THIRD = 2800;
const BANDWIDTHS = [70, 100, 150] as const;

/**
 * Makes recordings: same options, same sounds. A word is held out if the places of its symbols in the
 * alphabet sum to a multiple of 5.
 */
export function spokenWords(options: SpokenWordsOptions = {}): SpokenWord[] {
  const { words, speakers, heldOut, seed } = withDefaults<Required<SpokenWordsOptions>>(
    'spokenWords',
    options,
    {
      words: 1000,
      speakers: 40,
      heldOut: false,
      seed: 'speech',
    },
  );
  checkWhole('spokenWords', { words, speakers }, 1);
  checkSeed('spokenWords', seed);
  const random = seedrandom.alea(`${seed}/${heldOut ? 'held out' : 'training'}`);
  const voices = Array.from({ length: speakers }, () => newVoice(random));
  return Array.from({ length: words }, (_, i) => {
    const word = newWord(random, heldOut);
    return { word, speaker: i % speakers, samples: say(word, voices[i % speakers]!, random) };
  });
}

type Random = () => number;

function newWord(random: Random, heldOut: boolean): string {
  for (;;) {
    const places = Array.from({ length: 3 + randomBelow(6, random) }, () =>
      randomBelow(speechSymbols.length, random),
    );
    const sum = places.reduce((a, b) => a + b + 1, 0);
    if ((sum % 5 === 0) === heldOut) return places.map((place) => speechSymbols[place]).join('');
  }
}

interface Voice {
  /** Pulses per second. */
  readonly pitch: number;
  /** Factor of all formants: a short throat has high ones. */
  readonly throat: number;
  /** Factor of all durations. */
  readonly slowness: number;
  /** Root mean square of the voice. */
  readonly loudness: number;
  /** Root mean square of the noise around it, as a share of the voice's. */
  readonly noise: number;
  /** Share of breath in the source. */
  readonly breath: number;
}

function newVoice(random: Random): Voice {
  const between = (low: number, high: number) => low * (high / low) ** random();
  return {
    pitch: between(85, 240),
    throat: between(0.87, 1.16),
    slowness: between(0.8, 1.25),
    loudness: between(0.02, 0.15),
    noise: between(0.01, 0.15),
    breath: between(0.02, 0.2),
  };
}

/** Seconds of one glide, and of each silence around the word. */
const GLIDE = 0.085;
const SILENCE = 0.06;

function say(word: string, voice: Voice, random: Random): Float32Array {
  const silence = () => new Float32Array(Math.round(SILENCE * (0.5 + random()) * speechRate));
  const tempo = voice.slowness * (0.9 + 0.2 * random());
  const course = [...word].flatMap((symbol) =>
    courseOf(paths[symbol as Symbol], voice.throat, tempo, random),
  );
  const voiced = resonate(course, source(course, voice, random));
  const scale = voice.loudness / rootMeanSquare(voiced);
  const noise = voice.loudness * voice.noise;
  const samples = Float32Array.from([...silence(), ...voiced.map((x) => scale * x), ...silence()]);
  return samples.map((x) => Math.max(-1, Math.min(1, x + noise * (random() - 0.5) * Math.sqrt(12))));
}

/** Loudness and formants at one moment; they last for STEP samples. */
interface Moment {
  readonly loudness: number;
  readonly formants: readonly number[];
}
const STEP = 40;

/** The moments of one symbol. At its ends it is quiet, so that two symbols in a row are two. */
function courseOf(path: string, throat: number, tempo: number, random: Random): Moment[] {
  const glides = path.length - 1;
  const seconds = (0.03 + GLIDE * glides) * tempo * (0.9 + 0.2 * random());
  const count = Math.round((seconds * speechRate) / STEP);
  return Array.from({ length: count }, (_, n) => {
    const x = (n + 0.5) / count;
    const glide = Math.min(glides - 1, Math.floor(x * glides));
    const share = 0.5 * (1 - Math.cos(Math.PI * (x * glides - glide)));
    const [from, to] = [path[glide], path[glide + 1]].map(
      (corner) => corners[corner as keyof typeof corners],
    );
    const formants = [0, 1].map((i) => from![i]! + share * (to![i]! - from![i]!));
    const edge = Math.min(x, 1 - x) * seconds;
    return {
      loudness: 0.05 + 0.95 * Math.min(1, edge / 0.025),
      formants: [...formants, THIRD].map((f) => f * throat),
    };
  });
}

/** Pulses whose pitch falls slowly and trembles, softened as by the vocal folds; and breath. */
function source(course: readonly Moment[], { pitch, breath }: Voice, random: Random): Float64Array {
  const start = pitch * (0.92 + 0.16 * random());
  const wave = new Float64Array(course.length * STEP);
  let [phase, soft] = [0, 0];
  for (let n = 0; n < wave.length; n++) {
    const { loudness } = course[Math.floor(n / STEP)]!;
    phase += (start * (1.05 - (0.2 * n) / wave.length) * (1 + 0.01 * Math.sin(n / 250))) / speechRate;
    const pulse = phase >= 1 ? 1 : 0;
    phase -= pulse;
    soft = 0.9 * soft + pulse;
    wave[n] = loudness * (soft + breath * (random() - 0.5));
  }
  return wave;
}

/** Sends the wave through the formants: y[n] = A·x[n] + B·y[n − 1] + C·y[n − 2], one after the other. */
function resonate(course: readonly Moment[], wave: Float64Array): Float64Array {
  for (const [i, bandwidth] of BANDWIDTHS.entries()) {
    const C = -Math.exp((-2 * Math.PI * bandwidth) / speechRate);
    let [last, before] = [0, 0];
    for (const [moment, { formants }] of course.entries()) {
      const B = 2 * Math.sqrt(-C) * Math.cos((2 * Math.PI * formants[i]!) / speechRate);
      for (let n = moment * STEP; n < (moment + 1) * STEP; n++) {
        const y = (1 - B - C) * wave[n]! + B * last + C * before;
        [before, last] = [last, y];
        wave[n] = y;
      }
    }
  }
  return wave;
}

const rootMeanSquare = (x: Float64Array) =>
  Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length);
