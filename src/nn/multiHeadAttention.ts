import { isRecording } from '../autograd/index.ts';
import {
  add,
  alibi,
  attention,
  attentionWeights,
  permute,
  repeatInterleave,
  reshape,
  rotary,
} from '../ops/index.ts';
import { check, checkOptions, show, type Tensor, withDefaults } from '../tensor/index.ts';
import type { AttentionCache } from './attentionCache.ts';
import { checkOneOf, checkSize } from './checks.ts';
import { Dropout } from './dropout.ts';
import { type Init, initNormal, initZeros } from './init.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';
import { RMSNorm } from './rmsNorm.ts';

/** The options of `MultiHeadAttention`. */
export interface MultiHeadAttentionOptions {
  /** H, the number of heads of queries. */
  readonly heads: number;
  /**
   * Key and value heads, each for heads/keyValueHeads queries: 1 is multi-query attention. Default `heads`.
   */
  readonly keyValueHeads?: number;
  /** Position t sees positions ≤ t only. Default false. */
  readonly causal?: boolean;
  /**
   * Effect of positions: queries and keys are turned ('rotary'), or distance costs ('alibi'). Default 'none'.
   */
  readonly positions?: 'none' | 'rotary' | 'alibi';
  /** RMS norm of each query and key, so that scores cannot grow without bound. Default false. */
  readonly qkNorm?: boolean;
  /** Whether the four projections have a bias. Default true. */
  readonly bias?: boolean;
  /** Dropout probability on the attention weights and on the output. Default 0. */
  readonly dropout?: number;
  /** Initial weights of query, key and value. Default N(0, 0.02²). */
  readonly init?: Init;
  /** Initial weights of the output projection. Default `init`. */
  readonly outputInit?: Init;
}

/** The options of one call of `MultiHeadAttention`: other tensors to read, and masks. */
export interface AttendOptions {
  /** Source of keys and values, (B, S, C), for cross attention. Default: x itself. */
  readonly memory?: Tensor;
  /** Mask of the keys, (B, S): 1 at padding. */
  readonly keyPaddingMask?: Tensor;
  /** Numbers added to the scores, broadcast to (B, H, T, S). */
  readonly mask?: Tensor;
  /** Keys and values of earlier positions; those of x are appended. */
  readonly cache?: AttentionCache;
}

/** The default options; blocks extend them. */
export function attentionDefaults({
  heads,
  init = initNormal(0.02),
}: MultiHeadAttentionOptions): Required<MultiHeadAttentionOptions> {
  return {
    heads,
    keyValueHeads: heads,
    causal: false,
    positions: 'none',
    qkNorm: false,
    bias: true,
    dropout: 0,
    init,
    outputInit: init,
  };
}

/**
 * Multi-head scaled dot-product attention: each of H heads lets every position gather a mixture of values,
 * softmax(QKᵀ/√D + mask)·V, and the heads' outputs are mixed by one more projection.
 *
 * Parameters: query, output (C, C); key, value (G·D, C) with G key–value heads; with QK-norm, queryNorm and
 * keyNorm (D). Shapes: x (B, T, C), memory (B, S, C) → (B, T, C); D = C/H.
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, §3.2. Grouped queries: Ainslie et al.,
 * arXiv:2305.13245; QK-norm: Dehghani et al., arXiv:2302.05442
 */
export class MultiHeadAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly queryNorm: RMSNorm | null;
  readonly keyNorm: RMSNorm | null;
  readonly dropout: Dropout;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly causal: boolean;
  readonly positions: 'none' | 'rotary' | 'alibi';

  constructor(width: number, options: MultiHeadAttentionOptions) {
    super();
    checkOptions('MultiHeadAttention', options, 'heads');
    const all = withDefaults('MultiHeadAttention', options, attentionDefaults(options));
    const { heads, keyValueHeads, causal, positions, qkNorm, bias, dropout, init, outputInit } = all;
    checkSize('MultiHeadAttention', { width, heads, keyValueHeads });
    check(
      width % heads === 0,
      'MultiHeadAttention',
      'heads divide the width',
      () => `width ${width}, heads ${heads}`,
    );
    check(
      heads % keyValueHeads === 0,
      'MultiHeadAttention',
      'keyValueHeads divide the heads',
      () => `heads ${heads}, keyValueHeads ${keyValueHeads}`,
    );
    checkOneOf('MultiHeadAttention', 'positions', positions, ['none', 'rotary', 'alibi']);
    const D = width / heads;
    check(
      positions !== 'rotary' || D % 2 === 0,
      'MultiHeadAttention',
      'rotary positions turn pairs of channels, so width/heads is even',
      () => `width ${width}, heads ${heads}`,
    );
    this.query = new Linear(width, width, { bias, init, biasInit: initZeros });
    this.key = new Linear(width, keyValueHeads * D, { bias, init, biasInit: initZeros });
    this.value = new Linear(width, keyValueHeads * D, { bias, init, biasInit: initZeros });
    this.output = new Linear(width, width, { bias, init: outputInit, biasInit: initZeros });
    this.queryNorm = qkNorm ? new RMSNorm(D) : null;
    this.keyNorm = qkNorm ? new RMSNorm(D) : null;
    this.dropout = new Dropout(dropout);
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    this.causal = causal;
    this.positions = positions;
  }

  forward(x: Tensor, { memory = x, cache, mask, keyPaddingMask }: AttendOptions = {}): Tensor {
    const [q, newKeys] = this.#queriesAndKeys(x, memory, cache?.length ?? 0);
    const newValues = permute(split(this.value.forward(memory), this.keyValueHeads), [0, 2, 1, 3]);
    check(
      !cache || !isRecording(),
      'KeyValueCache',
      'a cache is used inside noGrad',
      () => 'a call that records gradients',
    );
    const [k, v] = cache ? cache.append(newKeys, newValues) : [newKeys, newValues];
    const heads = attention(q, this.#shared(k), this.#shared(v), {
      causal: this.causal,
      mask: this.#distances(q, k, mask),
      keyPaddingMask: keyPaddingMask ?? null,
      dropout: this.training ? this.dropout.p : 0,
    });
    return this.dropout.forward(this.output.forward(merge(heads)));
  }

  /** The weights by which each position attends to each, (B, H, T, S); rows sum to 1. */
  weights(x: Tensor, { memory = x, keyPaddingMask, mask }: Omit<AttendOptions, 'cache'> = {}): Tensor {
    const [q, k] = this.#queriesAndKeys(x, memory, 0);
    return attentionWeights(q, this.#shared(k), {
      causal: this.causal,
      mask: this.#distances(q, k, mask),
      keyPaddingMask: keyPaddingMask ?? null,
    });
  }

  /** Queries (B, H, T, D) and keys (B, G, S, D); x begins at position `start`. */
  #queriesAndKeys(x: Tensor, memory: Tensor, start: number): [q: Tensor, k: Tensor] {
    const arranged = (projected: Tensor, heads: number, norm: RMSNorm | null) => {
      const byHead = split(projected, heads);
      const normed = norm ? norm.forward(byHead) : byHead;
      return permute(this.positions === 'rotary' ? rotary(normed, { start }) : normed, [0, 2, 1, 3]);
    };
    return [
      arranged(this.query.forward(x), this.heads, this.queryNorm),
      arranged(this.key.forward(memory), this.keyValueHeads, this.keyNorm),
    ];
  }

  /** Keys or values (B, G, S, D), each for H/G queries: (B, H, S, D) */
  #shared(x: Tensor): Tensor {
    return this.keyValueHeads === this.heads ? x : repeatInterleave(x, this.heads / this.keyValueHeads, 1);
  }

  /** The mask plus ALiBi's bias, if used. */
  #distances(q: Tensor, k: Tensor, mask: Tensor | undefined): Tensor | null {
    if (this.positions !== 'alibi') return mask ?? null;
    const cost = alibi(this.heads, q.shape[2]!, k.shape[2]!, q.dtype);
    return mask ? add(cost, mask) : cost;
  }
}

/** Splits the channels among heads: (B, T, heads·D) → (B, T, heads, D), a view. */
function split(x: Tensor, heads: number): Tensor {
  check(x.rank === 3, 'MultiHeadAttention', 'the input is (B, T, C)', () => show(x.shape));
  const [B, T, C] = x.shape as [number, number, number];
  return reshape(x, [B, T, heads, C / heads]);
}

/** Merges the heads: (B, H, T, D) → (B, T, C), a view too, because attention lays its output out so. */
function merge(x: Tensor): Tensor {
  const [B, H, T, D] = x.shape as [number, number, number, number];
  return reshape(permute(x, [0, 2, 1, 3]), [B, T, H * D]);
}
