/**
 * The first Transformer: an encoder reads the source, a decoder writes the target and attends to what was read.
 *
 *   memory = L × encoder block (√C·tokens(source) + positions)
 *   scores = L × decoder block (√C·tokens(target) + positions, memory) · tokensᵀ
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762. As there: norm after each addition, ReLU, sinusoidal
 * positions, one matrix for source, target and output. Initial weights are Xavier uniform, embeddings N(0, 1/C): times √C
 * they are as large as the positions, and as they are they give scores of variance 1.
 */

import { noGrad } from '../src/autograd/index.ts';
import {
  beamSearch,
  checkSize,
  DecoderBlock,
  Dropout,
  Embedding,
  initNormal,
  initXavierUniform,
  type Memory,
  Module,
  ModuleList,
  TransformerBlock,
} from '../src/nn/index.ts';
import { add, argmax, broadcastTo, crossEntropy, linear, logSoftmax, mul, relu, select } from '../src/ops/index.ts';
import { type FloatArray, type Tensor, tensor, withDefaults, zeros } from '../src/tensor/index.ts';

export interface TransformerOptions {
  /** V: how many tokens there are, those of both languages and the special ones. */
  readonly vocabSize: number;
  /** L, of the encoder and of the decoder. Default 6. */
  readonly layers?: number;
  /** H. Default 8. */
  readonly heads?: number;
  /** C. Default 512. */
  readonly width?: number;
  /** F. Default 4·width. */
  readonly hidden?: number;
  /** On embeddings, attention weights and the output of each branch. Default 0.1. */
  readonly dropout?: number;
  /** Share of each target that is spread over all tokens. Default 0.1. */
  readonly labelSmoothing?: number;
}

/** Sources, one in a row; `pad` makes both. */
export interface SourceBatch {
  /** (B, S) */
  readonly tokens: Tensor;
  /** (B, S), 1 where `tokens` is padding. Default: nowhere. */
  readonly keyPaddingMask?: Tensor;
}

export interface TranslationBatch extends SourceBatch {
  /** (B, T): the start token and the translation; any tokens behind its end. */
  readonly target: Tensor;
}

export interface TranslateOptions {
  /** The token that a translation starts with, and that it ends with. */
  readonly start: number;
  readonly stop: number;
  /** Default 100. */
  readonly maxTokens?: number;
}

export interface BeamTranslateOptions extends TranslateOptions {
  /** Default 1: greedy. */
  readonly beams?: number;
  /** See `beamSearch`. Default 0.6, the paper's. */
  readonly lengthPenalty?: number;
}

export class Transformer extends Module {
  readonly options: Required<TransformerOptions>;
  readonly tokens: Embedding;
  readonly dropout: Dropout;
  readonly encoder: ModuleList<TransformerBlock>;
  readonly decoder: ModuleList<DecoderBlock>;

  constructor(given: TransformerOptions) {
    super();
    const { width: C = 512 } = given;
    const options = withDefaults<Required<TransformerOptions>>('Transformer', given, {
      vocabSize: given.vocabSize,
      layers: 6,
      heads: 8,
      width: C,
      hidden: 4 * C,
      dropout: 0.1,
      labelSmoothing: 0.1,
    });
    const { vocabSize, layers, heads, width, hidden, dropout } = options;
    checkSize('Transformer', { vocabSize, layers, heads, width, hidden });
    const block = { heads, hidden, norm: 'post', activation: relu, dropout, init: initXavierUniform() } as const;
    this.options = options;
    this.tokens = new Embedding(vocabSize, width, { init: initNormal(1 / Math.sqrt(width)) });
    this.dropout = new Dropout(dropout);
    this.encoder = new ModuleList(Array.from({ length: layers }, () => new TransformerBlock(width, block)));
    this.decoder = new ModuleList(Array.from({ length: layers }, () => new DecoderBlock(width, block)));
  }

  /** Scores (B, T, V) of the token that follows each of the target. */
  forward({ target, ...source }: TranslationBatch): Tensor {
    return this.#scores(this.#decode(target, this.encode(source)));
  }

  /** Mean cross entropy (nats per token) of the tokens that follow, (B, T); −100 where the target is padding. */
  loss(batch: TranslationBatch, targets: Tensor): Tensor {
    return crossEntropy(this.forward(batch), targets, { labelSmoothing: this.options.labelSmoothing });
  }

  /** What the decoder attends to: (B, S) → (B, S, C). */
  encode({ tokens, keyPaddingMask }: SourceBatch): Memory {
    const mask = keyPaddingMask ? { keyPaddingMask } : {};
    let x = this.#embed(tokens);
    for (const block of this.encoder) x = block.forward(x, mask);
    return { memory: x, ...mask };
  }

  /** The translation of one source, without the start and stop tokens. */
  translate(source: ArrayLike<number>, options: BeamTranslateOptions): number[] {
    const { start, lengthPenalty = 0.6, ...search } = options;
    return this.#inference(() => {
      const { memory } = this.encode({ tokens: rowsOf([source]) });
      const next = (prefixes: readonly (readonly number[])[]): FloatArray[] =>
        noGrad(() => {
          const written = rowsOf(prefixes.map((prefix) => [start, ...prefix]));
          const scores = logSoftmax(this.#lastScores(written, repeat(memory, prefixes.length)));
          return prefixes.map((_, i) => select(scores, 0, i).toTypedArray() as FloatArray);
        });
      const { tokens } = beamSearch({ next, lengthPenalty, ...search });
      return tokens.filter((token) => token !== search.stop);
    });
  }

  /** The greedy translations of a whole batch. Each source is read once; what is written so far is read anew each time. */
  translateAll(sources: SourceBatch, { start, stop, maxTokens = 100 }: TranslateOptions): number[][] {
    return this.#inference(() => {
      const source = this.encode(sources);
      const written = Array.from({ length: sources.tokens.shape[0]! }, () => [start]);
      for (let t = 0; t < maxTokens && written.some((tokens) => !tokens.includes(stop, 1)); t++) {
        const best = noGrad(() => argmax(this.#lastScores(rowsOf(written), source), -1).toTypedArray());
        for (const [i, tokens] of written.entries()) tokens.push(best[i]!);
      }
      return written.map((tokens) => tokens.slice(1, tokens.indexOf(stop, 1) >>> 0));
    });
  }

  /** How much each token of the target attends to each of the source in a layer of the decoder, (B, H, T, S). */
  crossAttention({ target, ...source }: TranslationBatch, layer = -1): Tensor {
    return this.#inference(() => {
      const memory = this.encode(source);
      const at = layer < 0 ? layer + this.options.layers : layer;
      return this.decoder.at(at)!.crossWeights(this.#decode(target, memory, at), memory);
    });
  }

  #decode(target: Tensor, source: Memory, layers = this.options.layers): Tensor {
    let x = this.#embed(target);
    for (const block of this.decoder.items.slice(0, layers)) x = block.forward(x, source);
    return x;
  }

  #embed(tokens: Tensor): Tensor {
    const { width } = this.options;
    const x = mul(this.tokens.forward(tokens), Math.sqrt(width));
    return this.dropout.forward(add(x, sinusoidalPositions(tokens.shape[1]!, width)));
  }

  #scores(x: Tensor): Tensor {
    return linear(x, this.tokens.weight);
  }

  /** (B, T) → (B, V), for the token that follows the last. */
  #lastScores(written: Tensor, source: Memory): Tensor {
    return this.#scores(select(this.#decode(written, source), 1, -1));
  }

  #inference<R>(body: () => R): R {
    const wasTraining = this.training;
    this.eval();
    try {
      return noGrad(body);
    } finally {
      this.train(wasTraining);
    }
  }
}

function rowsOf(rows: readonly ArrayLike<number>[]): Tensor {
  return tensor(
    rows.map((row) => Array.from(row)),
    { dtype: 'int32' },
  );
}

/** (1, S, C) → (B, S, C) */
function repeat(memory: Tensor, B: number): Memory {
  return { memory: broadcastTo(memory, [B, ...memory.shape.slice(1)]) };
}

/** (T, C): sin(p/10000^(2i/C)) in channel 2i of position p, its cosine in channel 2i + 1. */
function sinusoidalPositions(T: number, C: number): Tensor {
  const table = zeros([T, C]);
  for (let p = 0; p < T; p++) {
    for (let c = 0; c < C; c++) {
      const angle = p / 10_000 ** ((c - (c % 2)) / C);
      table.data[p * C + c] = c % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return table;
}
