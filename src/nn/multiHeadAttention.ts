import { isRecording } from '../autograd/index.ts';
import {
  add,
  alibi,
  attention,
  attentionWeights,
  permute,
  type RotaryLayout,
  repeatInterleave,
  reshape,
  rotary,
  slidingWindow,
} from '../ops/index.ts';
import { check, show, type Tensor } from '../tensor/index.ts';
import { type AttendOptions, attentionSettings, type MultiHeadAttentionOptions } from './attentionOptions.ts';
import { Dropout } from './dropout.ts';
import { initZeros } from './init.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';
import { RMSNorm } from './rmsNorm.ts';

export type { AttendOptions, MultiHeadAttentionOptions } from './attentionOptions.ts';

/**
 * Multi-head scaled dot-product attention: each of H heads lets every position gather a mixture of values,
 * softmax(QKᵀ/√D + mask)·V, and the heads' outputs are mixed by one more projection.
 *
 * Parameters: query (H·D, C), key and value (G·D, C) with G key–value heads, output (C, H·D); with QK-norm,
 * queryNorm and keyNorm (D). Shapes: x (B, T, C), memory (B, S, C) → (B, T, C); D = C/H unless it is given.
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
  readonly headSize: number;
  readonly causal: boolean;
  readonly positions: 'none' | 'rotary' | 'alibi';
  readonly window: number | undefined;
  readonly rotary: { readonly base: number | undefined; readonly layout: RotaryLayout | undefined };

  constructor(width: number, options: MultiHeadAttentionOptions) {
    super();
    const all = attentionSettings(width, options);
    const { heads, keyValueHeads, headSize, causal, positions, qkNorm, eps, bias, init } = all;
    const [queries, keys] = [heads * headSize, keyValueHeads * headSize];
    this.query = new Linear(width, queries, { bias, init, biasInit: initZeros });
    this.key = new Linear(width, keys, { bias, init, biasInit: initZeros });
    this.value = new Linear(width, keys, { bias, init, biasInit: initZeros });
    this.output = new Linear(queries, width, { bias, init: all.outputInit, biasInit: initZeros });
    this.queryNorm = qkNorm ? new RMSNorm(headSize, { eps }) : null;
    this.keyNorm = qkNorm ? new RMSNorm(headSize, { eps }) : null;
    this.dropout = new Dropout(all.dropout);
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    this.headSize = headSize;
    this.causal = causal;
    this.positions = positions;
    this.window = all.window;
    this.rotary = { base: all.rotaryBase, layout: all.rotaryLayout };
  }

  forward(x: Tensor, options: AttendOptions = {}): Tensor {
    const { memory = x, cache, mask, keyPaddingMask } = options;
    const [q, newKeys] = this.#queriesAndKeys(x, options, cache?.length ?? 0);
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
      mask: this.#mask(q, k, mask),
      keyPaddingMask: keyPaddingMask ?? null,
      dropout: this.training ? this.dropout.p : 0,
    });
    return this.dropout.forward(this.output.forward(merge(heads)));
  }

  /** The weights by which each position attends to each, (B, H, T, S); rows sum to 1. */
  weights(x: Tensor, options: Omit<AttendOptions, 'cache'> = {}): Tensor {
    const { mask, keyPaddingMask } = options;
    const [q, k] = this.#queriesAndKeys(x, options, 0);
    return attentionWeights(q, this.#shared(k), {
      causal: this.causal,
      mask: this.#mask(q, k, mask),
      keyPaddingMask: keyPaddingMask ?? null,
    });
  }

  /** Queries (B, H, T, D) and keys (B, G, S, D); x begins at position `start`. */
  #queriesAndKeys(x: Tensor, options: AttendOptions, start: number): [q: Tensor, k: Tensor] {
    const { memory = x, queryPositions, keyPositions } = options;
    const arranged = (projected: Tensor, heads: number, norm: RMSNorm | null) => {
      const byHead = split(projected, heads);
      const normed = norm ? norm.forward(byHead) : byHead;
      const turned = this.positions === 'rotary' ? rotary(normed, { start, ...this.rotary }) : normed;
      return permute(turned, [0, 2, 1, 3]);
    };
    const asked = placed(x, queryPositions);
    const same = memory === x && keyPositions === queryPositions;
    const read = same ? asked : placed(memory, keyPositions);
    return [
      arranged(this.query.forward(asked), this.heads, this.queryNorm),
      arranged(this.key.forward(read), this.keyValueHeads, this.keyNorm),
    ];
  }

  /** Keys or values (B, G, S, D), each for H/G queries: (B, H, S, D) */
  #shared(x: Tensor): Tensor {
    return this.keyValueHeads === this.heads ? x : repeatInterleave(x, this.heads / this.keyValueHeads, 1);
  }

  /** The given mask, ALiBi's costs and the window, added up as far as there are any. */
  #mask(q: Tensor, k: Tensor, given: Tensor | undefined): Tensor | null {
    const [T, S] = [q.shape[2]!, k.shape[2]!];
    const costs = this.positions === 'alibi' ? alibi(this.heads, T, S, q.dtype) : undefined;
    const hidden = this.window === undefined ? undefined : slidingWindow(this.window, T, S, q.dtype);
    const masks = [costs, given, hidden].filter((mask) => mask !== undefined);
    return masks.length > 0 ? masks.reduce((sum, mask) => add(sum, mask)) : null;
  }
}

const placed = (x: Tensor, positions: Tensor | undefined) => (positions ? add(x, positions) : x);

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
