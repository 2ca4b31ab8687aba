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

/** The options of `maskTokens`. */
export interface MaskOptions {
  /** V, the number of tokens. */
  readonly vocabSize: number;
  /** Number of special tokens, first in the vocabulary; they are neither predicted nor put in. */
  readonly special: number;
  /** Id of [MASK]. */
  readonly mask: number;
  /** Share of the ordinary tokens that is to be predicted. Default 0.15. */
  readonly share?: number;
  /** Random numbers in [0, 1). Default: the stream 'mask'. */
  readonly random?: RandomStream | undefined;
}

/** A corrupted sequence, and what was there. */
export interface Masked {
  readonly inputs: Int32Array;
  /**
   * Token that was there; −100, the `ignoreIndex` of `crossEntropy`, where nothing is to be predicted.
   */
  readonly targets: Int32Array;
}

/**
 * Corrupts a sequence for BERT to restore: chooses a share of its ordinary tokens, at least one, and puts in
 * their place [MASK] (8 times of 10), any ordinary token (once), or the token itself (once). So the model
 * cannot trust what it sees, and must know every word.
 *
 * Devlin et al., arXiv:1810.04805, §3.1
 */
export function maskTokens(tokens: ArrayLike<number>, options: MaskOptions): Masked {
  const {
    vocabSize,
    special,
    mask,
    share,
    random = randomStream('mask'),
  } = withDefaults<Required<MaskOptions>>('maskTokens', options, {
    vocabSize: required,
    special: required,
    mask: required,
    share: 0.15,
    random: undefined,
  });
  check(
    [special, mask, vocabSize].every(Number.isInteger) && mask >= 0 && mask < special && special < vocabSize,
    'maskTokens',
    '[MASK] is one of the special tokens, which are the first of the vocabulary',
    () => `mask ${mask}, ${special} special tokens, vocabSize ${vocabSize}`,
  );
  check(share > 0 && share <= 1, 'maskTokens', 'the share lies in (0, 1]', () => `${share}`);
  checkFunctions('maskTokens', { random });
  checkIds('maskTokens', 'tokens', tokens, vocabSize);
  const inputs = Int32Array.from(tokens);
  const targets = new Int32Array(inputs.length).fill(-100);
  const ordinary = [...inputs.keys()].filter((i) => inputs[i]! >= special);
  check(
    ordinary.length > 0,
    'maskTokens',
    'at least one token is not special',
    () => `[${inputs.subarray(0, 10).join(', ')}]`,
  );
  const below = (n: number) => randomBelow(n, random);
  for (let left = Math.max(1, Math.round(share * ordinary.length)); left > 0; left--) {
    const [at] = ordinary.splice(below(ordinary.length), 1);
    targets[at!] = inputs[at!]!;
    const u = random();
    if (u < 0.8) inputs[at!] = mask;
    else if (u < 0.9) inputs[at!] = special + below(vocabSize - special);
  }
  return { inputs, targets };
}
