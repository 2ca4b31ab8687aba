/**
 * Short films of two shapes, each with the sentence that tells what happens in it. One picture alone would
 * not do: towards or away, rising or sinking, passing or standing show in time only.
 *
 *     a red bar passes behind a blue pole
 *     a green square moves away from a yellow square
 *     a blue triangle stands still beside a red bar            (the one further left is named first)
 *
 * Two shapes of one film never have the same colour, so that it shows which of them hides the other. A fifth
 * of the pairs of looks is held out: training sees red squares and blue bars, but never both in one film.
 */
import seedrandom from 'seedrandom';
import { check, checkSeed, display, randomBelow, suggest, withDefaults } from '../tensor/index.ts';
import { drawFilm, overlap } from './drawFilm.ts';
import {
  colours,
  directions,
  kinds,
  type Look,
  type Relation,
  randomScene,
  relations,
  type Scene,
} from './filmScenes.ts';

export { FRAMES as FILM_FRAMES, SIZE as FILM_SIZE } from './filmScenes.ts';

/** The options of `films`. */
export interface FilmsOptions {
  /** Which pairs of looks are shown: those held out, or (default) all the others. */
  readonly heldOut?: boolean;
  /** What happens: all of these equally often. Default: all that can. */
  readonly relations?: readonly Relation[];
  /** Largest noise on each number, of those from 0 to 1. Default 0.1. */
  readonly noise?: number;
  /** Same seed, same films. Default 'films'. */
  readonly seed?: string | number;
}

/** A film, and what is to be said of it. */
export interface Film {
  /** Its colours, (T, H, W, 3), from 0 to 1. */
  readonly pixels: Float32Array;
  /** What happens, in a sentence. */
  readonly caption: string;
  /** What moves which way: an index of `moves`. */
  readonly move: number;
  /** What was drawn. */
  readonly scene: Scene;
}

/** What can move which way: nothing, or a kind of shape in a direction. */
export const moves: readonly string[] = [
  'nothing',
  ...kinds.flatMap((kind) => directions.map((direction) => `${kind} ${direction}`)),
];

/**
 * Where one shape passes the other, one hides at least this area of the other, in pixels, over all pictures.
 */
export const LEAST_OVERLAP = 20;

const looks: readonly Look[] = kinds.flatMap((kind) => colours.map((colour) => ({ kind, colour })));

/** Every pair of looks that films show, held out or not; who is first counts. */
function pairsOf(heldOut: boolean): (readonly [Look, Look])[] {
  return looks.flatMap((a) =>
    looks.filter((b) => a.colour !== b.colour && isHeldOut(a, b) === heldOut).map((b) => [a, b] as const),
  );
}

/** Of every two kinds, and of every two colours, some pairs are held out and some are not. */
function isHeldOut(a: Look, b: Look): boolean {
  const number = ({ kind, colour }: Look) => colours.indexOf(colour) - kinds.indexOf(kind);
  return (number(a) + number(b) + 10) % 5 === 0;
}

const sentence = (relation: string, [a, b]: readonly [Look, Look]) =>
  `a ${a.colour} ${a.kind} ${relation} a ${b.colour} ${b.kind}`;

/** Every caption that a film can have: those of the pairs of looks that are held out, or of the others. */
export function filmCaptions({ heldOut = false } = {}): string[] {
  return pairsOf(heldOut).flatMap((pair) => relations.map((relation) => sentence(relation, pair)));
}

/** Films without end: call it for the next one. All pairs of looks and all relations are equally frequent. */
export function films(options: FilmsOptions = {}): () => Film {
  const {
    heldOut,
    relations: shown,
    noise,
    seed,
  } = withDefaults<Required<FilmsOptions>>('films', options, {
    heldOut: false,
    relations,
    noise: 0.1,
    seed: 'films',
  });
  checkSeed('films', seed);
  check(noise >= 0 && noise <= 1, 'films', 'noise lies in [0, 1]', () => display(noise));
  check(Array.isArray(shown) && shown.length > 0, 'films', 'relations are a list', () => display(shown));
  for (const one of shown)
    check(relations.includes(one), 'films', 'the relation is known', () => display(one), () => suggest(`${one}`, relations)); // biome-ignore format: one line
  const random = seedrandom.alea(`${seed}/${heldOut}`);
  const pairs = pairsOf(heldOut);
  const some = <T>(of: readonly T[]) => of[randomBelow(of.length, random)]!;
  return () => {
    const [relation, pair] = [some(shown), some(pairs)];
    let scene = randomScene(relation, pair, random);
    while (relation.startsWith('passes') && overlap(scene) < LEAST_OVERLAP) {
      scene = randomScene(relation, pair, random);
    }
    const move = scene.direction ? moves.indexOf(`${pair[0].kind} ${scene.direction}`) : 0;
    return { pixels: drawFilm(scene, noise, random), caption: sentence(relation, pair), move, scene };
  };
}
