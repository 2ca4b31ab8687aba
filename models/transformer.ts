import { noGrad } from '../src/autograd/index.ts';
import { beamSearch } from '../src/generation/index.ts';
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
} from '../src/nn/index.ts';
import {
  add,
  argmax,
  broadcastTo,
  crossEntropy,
  linear,
  logSoftmax,
  mul,
  relu,
  select,
} from '../src/ops/index.ts';
import {
  check,
  checkIds,
  checkOptions,
  type FloatArray,
  type Tensor,
  tensor,
  withDefaults,
} from '../src/tensor/index.ts';

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
  readonly hidden?: number;
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
  readonly keyPaddingMask?: Tensor;
}

/** A padded batch of source sentences with their translations. */
export interface TranslationBatch extends SourceBatch {
  /** Target tokens, (B, T) int32: the start token and the translation; any tokens behind its end. */
  readonly target: Tensor;
}

/** The options of `translateAll`. */
export interface TranslateOptions {
  /** The token that a translation starts with. */
  readonly start: number;
  /** The token that a translation ends with. */
  readonly stop: number;
  /** The most tokens of a translation, the stop token included. Default: the context. */
  readonly maxTokens?: number;
}

/** The options of `translate`. */
export interface BeamTranslateOptions extends TranslateOptions {
  /** Number of unfinished translations that are kept. Default 1: greedy. */
  readonly beams?: number;
  /** α ≥ 0, see `beamSearch`. Default 0.6, the paper's. */
  readonly lengthPenalty?: number;
}

/**
 * The first Transformer: an encoder reads the source, a decoder writes the target and attends to the source.
 *
 *   memory = L × encoder block (√C·tokens(source) + positions)
 *   scores = L × decoder block (√C·tokens(target) + positions, memory) · tokensᵀ
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762. As there: norm after each addition, ReLU,
 * sinusoidal positions, one matrix for source, target and output. Initial weights are Xavier uniform,
 * embeddings N(0, 1/C): times √C they are as large as the positions, and as they are they give scores of
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
    checkOptions('Transformer', given, 'vocabSize');
    const { width: C = 512 } = given;
    const options = withDefaults<Required<TransformerOptions>>('Transformer', given, {
      vocabSize: given.vocabSize,
      layers: 6,
      heads: 8,
      width: C,
      hidden: 4 * C,
      context: 256,
      dropout: 0.1,
      labelSmoothing: 0.1,
    });
    const { vocabSize, layers, heads, width, hidden, context, dropout } = options;
    checkSize('Transformer', { vocabSize, heads, width, hidden, context });
    checkLayers('Transformer', layers);
    const { labelSmoothing } = options;
    check(
      labelSmoothing >= 0 && labelSmoothing <= 1,
      'Transformer',
      'labelSmoothing lies in [0, 1]',
      () => `${labelSmoothing}`,
    );
    const block = {
      heads,
      hidden,
      norm: 'post',
      activation: relu,
      dropout,
      init: initXavierUniform(),
    } as const;
    this.options = options;
    this.tokens = new Embedding(vocabSize, width, { init: initNormal(1 / Math.sqrt(width)) });
    this.positions = new SinusoidalPositions(context, width);
    this.dropout = new Dropout(dropout);
    this.encoder = new ModuleList(Array.from({ length: layers }, () => new TransformerBlock(width, block)));
    this.decoder = new ModuleList(Array.from({ length: layers }, () => new DecoderBlock(width, block)));
  }

  /** Scores (B, T, V) of the token that follows each of the target. */
  forward({ target, ...source }: TranslationBatch): Tensor {
    return this.#scores(this.#decode(target, this.encode(source)));
  }

  /** Mean cross entropy (nats per token) of the tokens that follow, (B, T); −100 where they are padding. */
  loss(batch: TranslationBatch, targets: Tensor): Tensor {
    return crossEntropy(this.forward(batch), targets, { labelSmoothing: this.options.labelSmoothing });
  }

  /** Reads sources into the memory that the decoder attends to: (B, S) → (B, S, C). */
  encode({ tokens, keyPaddingMask }: SourceBatch): Memory {
    const mask = keyPaddingMask ? { keyPaddingMask } : {};
    let x = this.#embed(tokens);
    for (const block of this.encoder) x = block.forward(x, mask);
    return { memory: x, ...mask };
  }

  /** The translation of one source, without the start and stop tokens. */
  translate(source: ArrayLike<number>, options: BeamTranslateOptions): number[] {
    const { start, ...search } = withDefaults<Required<BeamTranslateOptions>>('translate', options, {
      start: options.start,
      stop: options.stop,
      maxTokens: this.options.context,
      beams: 1,
      lengthPenalty: 0.6,
    });
    this.#checkSearch('translate', { start, ...search });
    checkIds('translate', 'tokens of the source', source, this.options.vocabSize);
    return inference(this, () => {
      const { memory } = this.encode({ tokens: rowsOf([Array.from(source)]) });
      const next = (prefixes: Rows): FloatArray[] =>
        noGrad(() => {
          const repeated = { memory: broadcastTo(memory, memory.shape.with(0, prefixes.length)) };
          const scores = logSoftmax(
            this.#lastScores(
              prefixes.map((prefix) => [start, ...prefix]),
              repeated,
            ),
          );
          return prefixes.map((_, i) => select(scores, 0, i).toTypedArray() as FloatArray);
        });
      const { tokens } = beamSearch({ next, ...search });
      return tokens.filter((token) => token !== search.stop);
    });
  }

  /**
   * The greedy translations of a whole batch. Each source is read once; no cache: the decoder rereads its
   * prefix at every step.
   */
  translateAll(sources: SourceBatch, options: TranslateOptions): number[][] {
    const { start, stop, maxTokens } = withDefaults<Required<TranslateOptions>>('translateAll', options, {
      start: options.start,
      stop: options.stop,
      maxTokens: this.options.context,
    });
    this.#checkSearch('translateAll', { start, stop, maxTokens });
    return inference(this, () => {
      const source = this.encode(sources);
      const written = Array.from({ length: sources.tokens.shape[0]! }, () => [start]);
      for (let t = 0; t < maxTokens && !written.every((tokens) => tokens.includes(stop, 1)); t++) {
        const best = noGrad(() => argmax(this.#lastScores(written, source), -1).toTypedArray());
        for (const [i, tokens] of written.entries()) tokens.push(best[i]!);
      }
      return written.map(([, ...tokens]) =>
        tokens.includes(stop) ? tokens.slice(0, tokens.indexOf(stop)) : tokens,
      );
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

  #checkSearch(where: string, { start, stop, maxTokens }: Required<TranslateOptions>): void {
    const { vocabSize, context } = this.options;
    for (const [name, token] of Object.entries({ start, stop }))
      check(
        Number.isInteger(token) && token >= 0 && token < vocabSize,
        where,
        `${name} is a token below ${vocabSize}`,
        () => `${token}`,
      );
    const fits = Number.isInteger(maxTokens) && maxTokens >= 1 && maxTokens <= context;
    check(fits, where, `maxTokens is a whole number from 1 to the context, ${context}`, () => `${maxTokens}`);
  }

  #decode(target: Tensor, source: Memory, layers = this.options.layers): Tensor {
    let x = this.#embed(target);
    for (const block of this.decoder.items.slice(0, layers)) x = block.forward(x, source);
    return x;
  }

  #embed(tokens: Tensor): Tensor {
    checkTokens('Transformer', tokens, this.options.context);
    const x = mul(this.tokens.forward(tokens), Math.sqrt(this.options.width));
    return this.dropout.forward(add(x, this.positions.forward(tokens.shape[1]!)));
  }

  #scores(x: Tensor): Tensor {
    return linear(x, this.tokens.weight);
  }

  /** Scores (B, V) of the token that follows each of B rows of T tokens. */
  #lastScores(rows: Rows, source: Memory): Tensor {
    return this.#scores(select(this.#decode(rowsOf(rows), source), 1, -1));
  }
}

type Rows = readonly (readonly number[])[];
const rowsOf = (rows: Rows) => tensor(rows as number[][], { dtype: 'int32' });
