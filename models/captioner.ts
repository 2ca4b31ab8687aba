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
  LayerNorm,
  Module,
  ModuleList,
} from '../src/nn/index.ts';
import { add, broadcastTo, crossEntropy, glu, linear, mul, select } from '../src/ops/index.ts';
import { arange, check, required, show, type Tensor, tensor, withDefaults } from '../src/tensor/index.ts';
import { FilmEncoder, type FilmEncoderOptions, filmEncoderDefaults } from './filmEncoder.ts';

/** The options of a `Captioner`: those of its encoder, whose heads, width and dropout the decoder shares. */
export interface CaptionerOptions extends FilmEncoderOptions {
  /** V, the number of tokens, the special ones among them. */
  readonly vocabSize: number;
  /** The most tokens of a caption, the start token or the stop token included. Default 32. */
  readonly context?: number;
  /** Number of blocks in the decoder. Default 2. */
  readonly decoderLayers?: number;
}

/** Films, or images, and the words that are written about them. */
export interface CaptionBatch {
  /** Films (B, T, H, W, C), or images (B, H, W, C). */
  readonly films: Tensor;
  /** Words, (B, T) int32: the start token and the caption; any tokens behind its end. */
  readonly words: Tensor;
}

/**
 * A captioner says what an image or a film shows: a vision transformer sees, a decoder attends to it and
 * writes.
 *
 *   seen   = FilmEncoder(films)                                            GELU
 *   logits = norm(L × decoder block (√C·tokens(words) + positions, seen)) · tokensᵀ    GLU
 *
 * Which activation stands where, and why: the encoder is a vision transformer and has that one's GELU, which
 * bends each feature by itself. The decoder's feed-forward networks are gated, W₂·((W₁x) ⊙ σ(V₁x)): half the
 * features decide how much of the others passes, which suits a place where what was seen and what was written
 * meet. Captioning took the GLU from gated convolutional language models (Dauphin et al., arXiv:1612.08083):
 * Aneja et al., "Convolutional Image Captioning", arXiv:1711.09151, after each convolution over the words;
 * Huang et al., "Attention on Attention", arXiv:1908.06954, to let pass only what of the attended image
 * belongs to the word. In the feed-forward network of a Transformer: Shazeer, "GLU Variants Improve
 * Transformer", arXiv:2002.05202.
 *
 * The hidden width of a GLU is ⅔ of 4·C by default, so that it has as many parameters as the encoder's. Norms
 * stand before each branch, and one matrix is for words read and written, as in `Transformer`. Encoder and
 * decoder: Liu et al., "CPTR: Full Transformer Network for Image Captioning", arXiv:2101.10804
 */
export class Captioner extends Module {
  readonly options: Required<CaptionerOptions>;
  readonly encoder: FilmEncoder;
  readonly tokens: Embedding;
  readonly positions: Embedding;
  readonly dropout: Dropout;
  readonly decoder: ModuleList<DecoderBlock>;
  readonly norm: LayerNorm;

  constructor(given: CaptionerOptions) {
    super();
    const options = withDefaults<Required<CaptionerOptions>>('Captioner', given, {
      ...filmEncoderDefaults,
      vocabSize: required,
      context: 32,
      decoderLayers: 2,
    });
    const { vocabSize, context, decoderLayers, ...sight } = options;
    const { heads, width, dropout } = sight;
    checkSize('Captioner', { vocabSize, context });
    checkLayers('Captioner', decoderLayers);
    const hidden = Math.round((2 / 3) * (sight.hidden ?? 4 * width));
    const block = { heads, hidden, activation: glu, dropout, init: initXavierUniform() };
    this.options = options;
    this.encoder = new FilmEncoder(sight);
    // times √C as loud as the positions; as they are, they give logits of variance 1
    this.tokens = new Embedding(vocabSize, width, { init: initNormal(1 / Math.sqrt(width)) });
    this.positions = new Embedding(context, width, { init: initNormal(1) });
    this.dropout = new Dropout(dropout);
    this.decoder = new ModuleList(
      Array.from({ length: decoderLayers }, () => new DecoderBlock(width, block)),
    );
    this.norm = new LayerNorm(width);
  }

  /** Logits (B, T, V) of the word that follows each. */
  forward({ films, words }: CaptionBatch): Tensor {
    return this.write(words, this.see(films));
  }

  /**
   * Mean cross entropy (nats per word) of the words that follow, (B, T) int32; −100 where they are padding.
   */
  loss(batch: CaptionBatch, targets: Tensor): Tensor {
    return crossEntropy(this.forward(batch), targets);
  }

  /** What the encoder makes of films or images: (B, …) → (B, N, C). */
  see(films: Tensor): Tensor {
    return this.encoder.forward(films);
  }

  /** Logits (B, T, V) of the word that follows each of (B, T), about films that were seen, (B, N, C). */
  write(words: Tensor, seen: Tensor): Tensor {
    return linear(this.norm.forward(this.#decode(words, seen)), this.tokens.weight);
  }

  /** The caption of one film or image, (1, …), without the start and stop tokens, by a beam search. */
  caption(film: Tensor, options: BeamTranslateOptions): number[] {
    check(film.shape[0] === 1, 'caption', 'there is one film', () => show(film.shape));
    return inference(this, () => {
      const seen = this.see(film);
      const nextLogits = (prefixes: Rows) =>
        this.#nextLogits(prefixes, broadcastTo(seen, seen.shape.with(0, prefixes.length)));
      return beamTranslation({ ...this.options, nextLogits }, options, 'caption');
    });
  }

  /**
   * The greedy captions of many films or images at once. Each is seen once; no cache, as captions are short.
   */
  captionAll(films: Tensor, options: TranslateOptions): number[][] {
    return inference(this, () => {
      const seen = this.see(films);
      const nextLogits = (prefixes: Rows) => this.#nextLogits(prefixes, seen);
      return greedyTranslations({ ...this.options, nextLogits }, films.shape[0]!, options, 'captionAll');
    });
  }

  /**
   * The weights by which words attend to the N patches, in row-major order, in one decoder layer: (B, H, T,
   * N). The row of a word is how the film was looked at to find the next one.
   */
  crossAttention({ films, words }: CaptionBatch, layer = this.options.decoderLayers - 1): Tensor {
    const block = this.decoder.at(layer);
    const layers = this.options.decoderLayers;
    check(
      block !== undefined && layer >= 0,
      'crossAttention',
      `there are ${layers} layers`,
      () => `layer ${layer}`,
    );
    return inference(this, () => {
      const seen = this.see(films);
      return block.crossWeights(this.#decode(words, seen, layer), { memory: seen });
    });
  }

  #decode(words: Tensor, seen: Tensor, layers = this.options.decoderLayers): Tensor {
    checkTokens('Captioner', words, this.options.context);
    let x = mul(this.tokens.forward(words), Math.sqrt(this.options.width));
    x = add(x, this.positions.forward(arange(words.shape[1]!)));
    x = this.dropout.forward(x);
    for (const block of this.decoder.items.slice(0, layers)) x = block.forward(x, { memory: seen });
    return x;
  }

  /** Logits (B, V) of the word that follows each of B rows. */
  #nextLogits(rows: Rows, seen: Tensor): Tensor {
    return select(this.write(tensor(rows as number[][], { dtype: 'int32' }), seen), 1, -1);
  }
}

type Rows = readonly (readonly number[])[];
