import type { BeamTranslateOptions, TranslateOptions } from '../src/generation/index.ts';
import { beamTranslation, greedyTranslations } from '../src/generation/index.ts';
import { checkLayers, checkSize, checkTokens } from '../src/nn/checks.ts';
import {
  DecoderBlock,
  Dropout,
  Embedding,
  inference,
  initNormal,
  initXavierUniform,
  type Memory,
  Module,
  ModuleList,
  SinusoidalPositions,
  TransformerBlock,
  type TransformerBlockOptions,
} from '../src/nn/index.ts';
import { add, broadcastTo, headCrossEntropy, linear, mul, relu, select } from '../src/ops/index.ts';
import { check, checkIds, required, type Tensor, tensor, withDefaults } from '../src/tensor/index.ts';

export type { BeamTranslateOptions, TranslateOptions } from '../src/generation/index.ts';

/** The options of a `Transformer`. */
export interface TransformerOptions {
  /** V, the number of tokens: those of both languages and the special ones. */
  readonly vocabSize: number;
  /** L, the number of blocks in the encoder, and in the decoder. Default 6. */
  readonly layers?: number;
  /** H, the number of heads. Default 8. */
  readonly heads?: number;
  /** C, the width of embeddings and hidden states. Default 512. */
  readonly width?: number;
  /** F, the hidden width of the feed-forward networks. Default 4·width. */
  readonly hidden?: number | undefined;
  /** Dropout probability: embeddings, attention weights, branch outputs. Default 0.1. */
  readonly dropout?: number;
  /** The most tokens of a source, and of a translation. Default 256. */
  readonly context?: number;
  /** Share of each target that is spread over all tokens. Default 0.1. */
  readonly labelSmoothing?: number;
}

/** A padded batch of source sentences, one per row; `pad` returns one. */
export interface SourceBatch {
  /** Tokens of the sources, (B, S) int32. */
  readonly tokens: Tensor;
  /** Mask of the padding, (B, S): 1 where `tokens` is padding. Default: nowhere. */
  readonly keyPaddingMask?: Tensor | undefined;
}

/** A padded batch of source sentences with their translations. */
export interface TranslationBatch extends SourceBatch {
  /** Target tokens, (B, T) int32: the start token and the translation; any tokens behind its end. */
  readonly target: Tensor;
}

/**
 * The first Transformer: an encoder reads the source, a decoder writes the target and attends to the source.
 *
 *   memory = L × encoder block (√C·tokens(source) + positions)
 *   logits = L × decoder block (√C·tokens(target) + positions, memory) · tokensᵀ
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762. As there: norm after each addition, ReLU,
 * sinusoidal positions, one matrix for source, target and output. Initial weights are Xavier uniform,
 * embeddings N(0, 1/C): times √C they are as large as the positions, and as they are they give logits of
 * variance 1.
 */
export class Transformer extends Module {
  readonly options: Required<TransformerOptions>;
  readonly tokens: Embedding;
  readonly positions: SinusoidalPositions;
  readonly dropout: Dropout;
  readonly encoder: ModuleList<TransformerBlock>;
  readonly decoder: ModuleList<DecoderBlock>;

  constructor(given: TransformerOptions) {
    super();
    const options = withDefaults<Required<TransformerOptions>>('Transformer', given, {
      vocabSize: required,
      layers: 6,
      heads: 8,
      width: 512,
      hidden: undefined, // the block's, 4·width
      context: 256,
      dropout: 0.1,
      labelSmoothing: 0.1,
    });
    const { vocabSize, layers, heads, width, hidden, context, dropout, labelSmoothing } = options;
    checkSize('Transformer', { vocabSize, heads, width, context });
    checkLayers('Transformer', layers);
    const isShare = labelSmoothing >= 0 && labelSmoothing <= 1;
    check(isShare, 'Transformer', 'labelSmoothing lies in [0, 1]', () => `${labelSmoothing}`);
    const init = initXavierUniform();
    const block: TransformerBlockOptions = {
      heads,
      hidden,
      normPosition: 'post',
      activation: relu,
      dropout,
      init,
    };
    this.options = options;
    this.tokens = new Embedding(vocabSize, width, { init: initNormal(1 / Math.sqrt(width)) });
    this.positions = new SinusoidalPositions(context, width);
    this.dropout = new Dropout(dropout);
    this.encoder = new ModuleList(Array.from({ length: layers }, () => new TransformerBlock(width, block)));
    this.decoder = new ModuleList(Array.from({ length: layers }, () => new DecoderBlock(width, block)));
  }

  /** Logits (B, T, V) of the token that follows each of the target. */
  forward({ target, ...source }: TranslationBatch): Tensor {
    return this.#logits(this.#decode(target, this.encode(source)));
  }

  /** Mean cross entropy (nats per token) of the tokens that follow, (B, T); −100 where they are padding. */
  loss({ target, ...source }: TranslationBatch, targets: Tensor): Tensor {
    const { labelSmoothing } = this.options;
    const x = this.#decode(target, this.encode(source));
    return headCrossEntropy(x, this.tokens.weight, targets, { labelSmoothing });
  }

  /** Reads sources into the memory that the decoder attends to: (B, S) → (B, S, C). */
  encode({ tokens, keyPaddingMask }: SourceBatch): Memory {
    let x = this.#embed(tokens);
    for (const block of this.encoder) x = block.forward(x, { keyPaddingMask });
    return { memory: x, keyPaddingMask };
  }

  /** The translation of one source, without the start and stop tokens. */
  translate(source: ArrayLike<number>, options: BeamTranslateOptions): number[] {
    checkIds('translate', 'tokens of the source', source, this.options.vocabSize);
    return inference(this, () => {
      const { memory } = this.encode({ tokens: rowsOf([Array.from(source)]) });
      const repeated = (count: number) => ({ memory: broadcastTo(memory, memory.shape.with(0, count)) });
      const nextLogits = (prefixes: Rows) => this.#nextLogits(prefixes, repeated(prefixes.length));
      return beamTranslation({ ...this.options, nextLogits }, options);
    });
  }

  /**
   * The greedy translations of a whole batch. Each source is read once; no cache: the decoder rereads its
   * prefix at every step.
   */
  translateAll(sources: SourceBatch, options: TranslateOptions): number[][] {
    return inference(this, () => {
      const memory = this.encode(sources);
      const nextLogits = (prefixes: Rows) => this.#nextLogits(prefixes, memory);
      return greedyTranslations({ ...this.options, nextLogits }, sources.tokens.shape[0]!, options);
    });
  }

  /** The weights by which target tokens attend to those of the source, (B, H, T, S), in one decoder layer. */
  crossAttention({ target, ...batch }: TranslationBatch, layer = this.options.layers - 1): Tensor {
    const block = this.decoder.at(layer);
    check(
      block !== undefined,
      'crossAttention',
      `there are ${this.options.layers} layers`,
      () => `layer ${layer}`,
    );
    return inference(this, () => {
      const source = this.encode(batch);
      return block.crossWeights(this.#decode(target, source, layer), source);
    });
  }

  #decode(target: Tensor, source: Memory, layers = this.options.layers): Tensor {
    let x = this.#embed(target);
    for (const block of this.decoder.items.slice(0, layers)) x = block.forward(x, source);
    return x;
  }

  #embed(tokens: Tensor): Tensor {
    checkTokens('Transformer', tokens, this.options.context);
    let x = mul(this.tokens.forward(tokens), Math.sqrt(this.options.width));
    x = add(x, this.positions.forward(tokens.shape[1]!));
    return this.dropout.forward(x);
  }

  #logits(x: Tensor): Tensor {
    return linear(x, this.tokens.weight);
  }

  /** Logits (B, V) of the token that follows each of B rows of T tokens. */
  #nextLogits(rows: Rows, source: Memory): Tensor {
    const x = this.#decode(rowsOf(rows), source);
    return this.#logits(select(x, 1, -1));
  }
}

type Rows = readonly (readonly number[])[];
const rowsOf = (rows: Rows) => tensor(rows as number[][], { dtype: 'int32' });
