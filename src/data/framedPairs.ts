import {
  check,
  checkFunctions,
  checkIds,
  type RandomStream,
  randomBelow,
  randomStream,
  required,
  withDefaults,
} from '../tensor/index.ts';

/** A pair of sentences as BERT reads it. */
export interface FramedPair {
  /** Tokens: [CLS] first [SEP] second [SEP]. */
  readonly tokens: Int32Array;
  /** Segment of each token: 0 to the first [SEP], then 1. */
  readonly segments: Int32Array;
}

/** The ids of the tokens that frame sentences. */
export interface Frame {
  readonly cls: number;
  readonly sep: number;
}

/** Puts two sentences into BERT's frame. */
export function framedPair(first: ArrayLike<number>, second: ArrayLike<number>, frame: Frame): FramedPair {
  const { cls, sep } = withDefaults<Frame>('framedPair', frame, { cls: required, sep: required });
  checkIds('framedPair', 'tokens', [cls, sep]);
  for (const sentence of [first, second]) checkIds('framedPair', 'tokens', sentence);
  const tokens = Int32Array.of(cls, ...Array.from(first), sep, ...Array.from(second), sep);
  return { tokens, segments: new Int32Array(tokens.length).fill(1, first.length + 2) };
}

/** The options of `randomPair`. */
export interface RandomPairOptions extends Frame {
  /** Random numbers in [0, 1). Default: the stream 'pair'. */
  readonly random?: RandomStream | undefined;
}

/**
 * Makes a pair for BERT's second task, to tell whether one part follows the other: a document cut in two at
 * random, whose second part is half the time that of another document, cut in the same way. Documents are
 * lists of parts (sentences, or what must stay together), at least two; a cut lies between two parts.
 *
 * Devlin et al., arXiv:1810.04805, §3.1
 */
export function randomPair(
  documents: readonly (readonly ArrayLike<number>[])[],
  options: RandomPairOptions,
): FramedPair & { readonly isNext: boolean } {
  const { random = randomStream('pair'), ...frame } = withDefaults<Required<RandomPairOptions>>(
    'randomPair',
    options,
    {
      cls: required,
      sep: required,
      random: undefined,
    },
  );
  checkFunctions('randomPair', { random });
  check(documents.length >= 2, 'randomPair', 'there are at least two documents', () => `${documents.length}`);
  for (const [name, id] of Object.entries(frame))
    check(Number.isInteger(id) && id >= 0, 'randomPair', `${name} is the id of a token`, () => `${id}`);
  const below = (n: number) => randomBelow(n, random);
  const cut = (document: number): [number[], number[]] => {
    const parts = documents[document]!;
    check(
      parts.length >= 2,
      'randomPair',
      'a document has at least two parts',
      () => `${parts.length} in document ${document}`,
    );
    const at = 1 + below(parts.length - 1);
    return [joined(parts.slice(0, at)), joined(parts.slice(at))];
  };
  const one = below(documents.length);
  const other = (one + 1 + below(documents.length - 1)) % documents.length; // any but this one
  const isNext = random() < 0.5;
  const [first, rest] = cut(one);
  return { ...framedPair(first, isNext ? rest : cut(other)[1], frame), isNext };
}

const joined = (parts: readonly ArrayLike<number>[]): number[] => parts.flatMap((part) => Array.from(part));
