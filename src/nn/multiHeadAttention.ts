import { isRecording } from '../autograd/index.ts';
import { attention, attentionWeights, permute, reshape } from '../ops/index.ts';
import { check, show, type Tensor, withDefaults } from '../tensor/index.ts';
import { Dropout } from './dropout.ts';
import { type Init, initNormal, initZeros } from './init.ts';
import type { KeyValueCache } from './keyValueCache.ts';
import { checkSize, Linear } from './linear.ts';
import { Module } from './module.ts';

export interface MultiHeadAttentionOptions {
  readonly heads: number;
  /** Position t sees positions ≤ t only. Default false. */
  readonly causal?: boolean;
  /** Default true. */
  readonly bias?: boolean;
  /** On the attention weights and on the output. Default 0. */
  readonly dropout?: number;
  /** Default N(0, 0.02²), for query, key, value and, unless `outputInit` is given, the output. */
  readonly init?: Init;
  readonly outputInit?: Init;
}

export interface AttendOptions {
  /** Where keys and values come from, (B, S, C): cross attention. Default: x itself. */
  readonly memory?: Tensor;
  /** (B, S), 1 at keys that are padding. */
  readonly keyPaddingMask?: Tensor;
  /** Added to the scores, broadcast to (B, H, T, S). */
  readonly mask?: Tensor;
  /** Keys and values of earlier positions; those of x are appended. */
  readonly cache?: KeyValueCache;
}

/**
 * Multi-head scaled dot-product attention: each of H heads lets every position gather a mixture of values,
 * softmax(QKᵀ/√D + mask)·V, and the heads' outputs are mixed by one more projection.
 *
 * Parameters: query, key, value, output, each (C, C). Shapes: x (B, T, C), memory (B, S, C) → (B, T, C); D = C/H.
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, §3.2
 */
export class MultiHeadAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly dropout: Dropout;
  readonly heads: number;
  readonly causal: boolean;

  constructor(width: number, options: MultiHeadAttentionOptions) {
    super();
    const { init = initNormal(0.02) } = options;
    const { heads, causal, bias, dropout, outputInit } = withDefaults<Required<MultiHeadAttentionOptions>>(
      'MultiHeadAttention',
      options,
      { heads: 1, causal: false, bias: true, dropout: 0, init, outputInit: init },
    );
    checkSize('MultiHeadAttention', { width, heads });
    check(width % heads === 0, 'MultiHeadAttention', 'heads divide the width', () => `width ${width}, heads ${heads}`);
    this.query = new Linear(width, width, { bias, init, biasInit: initZeros });
    this.key = new Linear(width, width, { bias, init, biasInit: initZeros });
    this.value = new Linear(width, width, { bias, init, biasInit: initZeros });
    this.output = new Linear(width, width, { bias, init: outputInit, biasInit: initZeros });
    this.dropout = new Dropout(dropout);
    this.heads = heads;
    this.causal = causal;
  }

  forward(x: Tensor, { memory = x, cache, ...masks }: AttendOptions = {}): Tensor {
    const q = this.#split(this.query.forward(x));
    let k = this.#split(this.key.forward(memory));
    let v = this.#split(this.value.forward(memory));
    if (cache) {
      check(!isRecording(), 'KeyValueCache', 'a cache is used inside noGrad', () => 'a call that records gradients');
      [k, v] = cache.append(k, v);
    }
    const dropout = this.training ? this.dropout.p : 0;
    const heads = attention(q, k, v, { causal: this.causal, dropout, ...masks });
    return this.dropout.forward(this.output.forward(this.#merge(heads)));
  }

  /** How much each position attends to each, (B, H, T, S); rows sum to 1. */
  weights(x: Tensor, { memory = x, keyPaddingMask, mask }: Omit<AttendOptions, 'cache'> = {}): Tensor {
    const q = this.#split(this.query.forward(x));
    const k = this.#split(this.key.forward(memory));
    return attentionWeights(q, k, {
      causal: this.causal,
      ...(keyPaddingMask && { keyPaddingMask }),
      ...(mask && { mask }),
    });
  }

  /** (B, T, C) → (B, H, T, D), a view */
  #split(x: Tensor): Tensor {
    check(x.rank === 3, 'MultiHeadAttention', 'the input is (B, T, C)', () => show(x.shape));
    const [B, T, C] = x.shape as [number, number, number];
    return permute(reshape(x, [B, T, this.heads, C / this.heads]), [0, 2, 1, 3]);
  }

  /** (B, H, T, D) → (B, T, C), a view too, because attention lays its output out this way */
  #merge(x: Tensor): Tensor {
    const [B, H, T, D] = x.shape as [number, number, number, number];
    return reshape(permute(x, [0, 2, 1, 3]), [B, T, H * D]);
  }
}
