import { add, attention, matmul, mul, permute, relativeShift, reshape } from '../ops/index.ts';
import { check, required, show, type Tensor, withDefaults, zeros } from '../tensor/index.ts';
import type { AttendOptions } from './attentionOptions.ts';
import { checkSize } from './checks.ts';
import { Dropout } from './dropout.ts';
import { type Init, initXavierUniform, initZeros } from './init.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { sinusoids } from './sinusoids.ts';

/** The options of `RelativeAttention`. */
export interface RelativeAttentionOptions {
  /** H, the number of heads; D = C/H. */
  readonly heads: number;
  /** Dropout probability on the attention weights and on the output. Default 0. */
  readonly dropout?: number;
  /** Initial weights of the five projections. Default Xavier uniform. */
  readonly init?: Init;
}

/**
 * Self-attention that knows how far apart two positions are, not where they stand: Transformer-XL's, with
 * keys on both sides.
 *
 *   scores = ((q + u)·kᵀ + shift((q + v)·rᵀ))/√D,  r = W·sinusoids of the distances T − 1, …, −(T − 1)
 *
 * r has a row for each distance t − s of a query t from a key s, and `relativeShift` puts its column where
 * that key is. u stands in for the query where only what the key holds counts, v where only its distance
 * does.
 *
 * Parameters: query, key, value and output (C, C) with biases; distance W (C, C); contentBias u and
 * distanceBias v (H, D) = 0. Shapes: (B, T, C) → (B, T, C), for any T.
 *
 * Dai et al., "Transformer-XL", arXiv:1901.02860, §3.3
 */
export class RelativeAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly distance: Linear;
  readonly contentBias: Parameter;
  readonly distanceBias: Parameter;
  readonly dropout: Dropout;
  readonly heads: number;
  readonly headSize: number;

  constructor(width: number, options: RelativeAttentionOptions) {
    super();
    const where = 'RelativeAttention';
    const { heads, dropout, init } = withDefaults<Required<RelativeAttentionOptions>>(where, options, {
      heads: required,
      dropout: 0,
      init: initXavierUniform(),
    });
    checkSize(where, { width, heads });
    check(width % heads === 0, where, 'heads divide the width', () => `width ${width}, heads ${heads}`);
    const projection = { init, biasInit: initZeros };
    this.query = new Linear(width, width, projection);
    this.key = new Linear(width, width, projection);
    this.value = new Linear(width, width, projection);
    this.output = new Linear(width, width, projection);
    this.distance = new Linear(width, width, { init, bias: false });
    this.contentBias = new Parameter(zeros([heads, width / heads]), { role: 'bias' });
    this.distanceBias = new Parameter(zeros([heads, width / heads]), { role: 'bias' });
    this.dropout = new Dropout(dropout);
    this.heads = heads;
    this.headSize = width / heads;
  }

  forward(x: Tensor, { keyPaddingMask }: Pick<AttendOptions, 'keyPaddingMask'> = {}): Tensor {
    check(x.rank === 3, 'RelativeAttention', 'the input is (B, T, C)', () => show(x.shape));
    const [B, T, C] = x.shape as [number, number, number];
    const [q, k, v] = [this.query, this.key, this.value].map((layer) => this.#split(layer.forward(x)));
    const heads = attention(byHead(add(q!, this.contentBias)), byHead(k!), byHead(v!), {
      mask: this.#distanceScores(q!),
      keyPaddingMask: keyPaddingMask ?? null,
      dropout: this.training ? this.dropout.p : 0,
    });
    return this.dropout.forward(this.output.forward(reshape(byHead(heads), [B, T, C])));
  }

  /** shift((q + v)·rᵀ)/√D, (B, H, T, T). All queries of a head share r: one product for the whole batch. */
  #distanceScores(q: Tensor): Tensor {
    const [B, T, H, D] = q.shape as [number, number, number, number];
    const table = sinusoids([2 * T - 1, H * D], {
      base: 10000,
      amplitude: 1,
      position: (row) => T - 1 - row,
      dtype: q.dtype,
    });
    const r = permute(this.#split(this.distance.forward(table)), [1, 2, 0]);
    const queries = permute(mul(add(q, this.distanceBias), 1 / Math.sqrt(D)), [2, 0, 1, 3]);
    const byDistance = reshape(matmul(reshape(queries, [H, B * T, D]), r), [H, B, T, 2 * T - 1]);
    return relativeShift(permute(byDistance, [1, 0, 2, 3]));
  }

  /** (…, C) → (…, H, D), a view */
  #split(x: Tensor): Tensor {
    return reshape(x, [...x.shape.slice(0, -1), this.heads, this.headSize]);
  }
}

/** (B, T, H, D) ↔ (B, H, T, D), a view */
function byHead(x: Tensor): Tensor {
  return permute(x, [0, 2, 1, 3]);
}
