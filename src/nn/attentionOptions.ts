import type { RotaryLayout } from '../ops/index.ts';
import { check, display, required, type Tensor, withDefaults } from '../tensor/index.ts';
import type { AttentionCache } from './attentionCache.ts';
import { checkOneOf, checkSize } from './checks.ts';
import { type Init, initNormal } from './init.ts';

/** The options of `MultiHeadAttention`. */
export interface MultiHeadAttentionOptions {
  /** H, the number of heads of queries. */
  readonly heads: number;
  /**
   * Key and value heads, each for heads/keyValueHeads queries: 1 is multi-query attention, other numbers
   * below `heads` grouped-query attention. Default `heads`.
   */
  readonly keyValueHeads?: number | undefined;
  /** D, the channels of one head. Default width/heads. */
  readonly headSize?: number | undefined;
  /** Whether position t sees positions ≤ t only. Default false. */
  readonly causal?: boolean;
  /**
   * Effect of positions: queries and keys are turned ('rotary'), or distance costs ('alibi'). Default 'none'.
   */
  readonly positions?: 'none' | 'rotary' | 'alibi';
  /** Positions that causal attention sees, counted back from its own; see `slidingWindow`. Default: all. */
  readonly window?: number | undefined;
  /** Base of rotary positions: their slowest pair turns by about 1/base per position. Default 10000. */
  readonly rotaryBase?: number | undefined;
  /** Channels that rotary positions pair; see `rotary`. Default 'interleaved'. */
  readonly rotaryLayout?: RotaryLayout | undefined;
  /** Whether each query and key gets an RMS norm, so that scores cannot grow without bound. Default false. */
  readonly qkNorm?: boolean;
  /** ε of the norms of queries and keys. Default 1e-6. */
  readonly eps?: number | undefined;
  /** Whether the four projections have a bias. Default true. */
  readonly bias?: boolean;
  /** Dropout probability on the attention weights and on the output. Default 0. */
  readonly dropout?: number;
  /** Initial weights of query, key and value. Default N(0, 0.02²). */
  readonly init?: Init;
  /** Initial weights of the output projection. Default `init`. */
  readonly outputInit?: Init | undefined;
}

/** The options of one call of `MultiHeadAttention`: other tensors to read, and masks. */
export interface AttendOptions {
  /** Source of keys and values, (B, S, C), for cross attention. Default: x itself. */
  readonly memory?: Tensor | undefined;
  /** Positions that are added to x where it becomes queries, but to no value, broadcast to (B, T, C). */
  readonly queryPositions?: Tensor | undefined;
  /**
   * Positions that are added to the memory where it becomes keys, but to no value, broadcast to (B, S, C).
   */
  readonly keyPositions?: Tensor | undefined;
  /** Mask of the keys, (B, S): 1 at padding. */
  readonly keyPaddingMask?: Tensor | undefined;
  /** Numbers added to the scores, broadcast to (B, H, T, S). */
  readonly mask?: Tensor | undefined;
  /** Keys and values of earlier positions; those of x are appended. */
  readonly cache?: AttentionCache | undefined;
}

/** The default options; those that are undefined depend on others. Blocks and models extend them. */
export const attentionDefaults: Required<MultiHeadAttentionOptions> = {
  heads: required,
  keyValueHeads: undefined,
  headSize: undefined,
  causal: false,
  positions: 'none',
  window: undefined,
  rotaryBase: undefined,
  rotaryLayout: undefined,
  qkNorm: false,
  eps: undefined,
  bias: true,
  dropout: 0,
  init: initNormal(0.02),
  outputInit: undefined,
};

/** The options with everything filled in and checked, but for what the op `rotary` has defaults of. */
export function attentionSettings(width: number, options: MultiHeadAttentionOptions) {
  const where = 'MultiHeadAttention';
  const all = withDefaults(where, options, attentionDefaults);
  const { heads, keyValueHeads = heads, headSize = width / heads, outputInit = all.init } = all;
  const { positions, window, rotaryBase, rotaryLayout } = all;
  checkSize(where, { width, heads, keyValueHeads });
  if (window !== undefined) checkSize(where, { window });
  check(
    options.headSize !== undefined || width % heads === 0,
    where,
    'heads divide the width',
    () => `width ${width}, heads ${heads}`,
    () => 'a headSize of its own frees them from it',
  );
  checkSize(where, { headSize });
  check(
    heads % keyValueHeads === 0,
    where,
    'keyValueHeads divide the heads',
    () => `heads ${heads}, keyValueHeads ${keyValueHeads}`,
  );
  checkOneOf(where, 'positions', positions, ['none', 'rotary', 'alibi']);
  if (rotaryLayout) checkOneOf(where, 'rotaryLayout', rotaryLayout, ['interleaved', 'half']);
  const turns = rotaryBase === undefined || (Number.isFinite(rotaryBase) && rotaryBase > 0);
  check(turns, where, 'rotaryBase is a finite number > 0', () => display(rotaryBase));
  check(
    positions !== 'rotary' || headSize % 2 === 0,
    where,
    'rotary positions turn pairs of channels, so the head size is even',
    () => `${headSize}`,
  );
  return { ...all, keyValueHeads, headSize, outputInit };
}
