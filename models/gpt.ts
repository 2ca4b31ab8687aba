/**
 * GPT: a decoder-only Transformer language model, in nanoGPT's architecture and initialization.
 *
 *   x = tokens + positions → L × block (causal attention, feed-forward; norm before each) → norm → head → scores
 *
 * Radford et al., "Language Models are Unsupervised Multitask Learners" (GPT-2), 2019
 */

import { noGrad } from '../src/autograd/index.ts';
import {
  type ActivationLike,
  checkSize,
  Dropout,
  Embedding,
  type GenerateOptions,
  generateTokens,
  initNormal,
  initResidual,
  initSinusoidal,
  KeyValueCache,
  LayerNorm,
  Linear,
  Module,
  ModuleList,
  TransformerBlock,
} from '../src/nn/index.ts';
import { add, crossEntropy, gelu, linear, select } from '../src/ops/index.ts';
import { arange, check, type FloatArray, show, type Tensor, tensor, withDefaults } from '../src/tensor/index.ts';

export interface GPTOptions {
  /** V: how many tokens there are. */
  readonly vocabSize: number;
  /** T: the most positions the model sees at once. */
  readonly context: number;
  /** Default 4. */
  readonly layers?: number;
  /** H. Default 4. */
  readonly heads?: number;
  /** C. Default 128. */
  readonly width?: number;
  /** The function, its name, or a layer. Default gelu (exact). */
  readonly activation?: ActivationLike;
  /** Where the layer norms are. Default 'pre'; 'post' has no final norm. */
  readonly norm?: 'pre' | 'post';
  /** In linear layers and layer norms. Default false: as good, and a bit faster. */
  readonly bias?: boolean;
  /** Default 0; small models on much data underfit anyway. */
  readonly dropout?: number;
  /** Whether the head shares the token embedding's weight. Default true. */
  readonly tiedHead?: boolean;
  /** Standard deviation of the initial weights. Default 0.02, GPT-2's; below a width of 256, 2/√width learns much faster. */
  readonly initStd?: number;
  /** How the learned positions start: 'normal', as in GPT-2 (default), or 'sinusoidal', from which copying is learned sooner. */
  readonly positionInit?: 'normal' | 'sinusoidal';
}

export class GPT extends Module {
  readonly options: Required<GPTOptions>;
  readonly tokens: Embedding;
  readonly positions: Embedding;
  readonly dropout: Dropout;
  readonly blocks: ModuleList<TransformerBlock>;
  readonly norm: LayerNorm | null;
  /** null when the head is tied to the token embedding. */
  readonly head: Linear | null;

  constructor(given: GPTOptions) {
    super();
    const options = withDefaults<Required<GPTOptions>>('GPT', given, {
      vocabSize: given.vocabSize,
      context: given.context,
      layers: 4,
      heads: 4,
      width: 128,
      activation: gelu,
      norm: 'pre',
      bias: false,
      dropout: 0,
      tiedHead: true,
      initStd: 0.02,
      positionInit: 'normal',
    });
    const {
      vocabSize,
      context,
      layers,
      heads,
      width,
      activation,
      norm,
      bias,
      dropout,
      tiedHead,
      initStd,
      positionInit,
    } = options;
    checkSize('GPT', { vocabSize, context, layers, heads, width });
    const init = initNormal(initStd);
    const outputInit = initResidual(layers, initStd); // 2·layers branches add up in the residual stream
    const block = { heads, norm, activation, causal: true, bias, dropout, init, outputInit };
    this.options = options;
    this.tokens = new Embedding(vocabSize, width, { init });
    this.positions = new Embedding(context, width, {
      init: positionInit === 'sinusoidal' ? initSinusoidal(initStd) : init,
    });
    this.dropout = new Dropout(dropout);
    this.blocks = new ModuleList(Array.from({ length: layers }, () => new TransformerBlock(width, block)));
    this.norm = norm === 'pre' ? new LayerNorm(width, { bias }) : null;
    this.head = tiedHead ? null : new Linear(width, vocabSize, { bias: false, init });
  }

  /** Tokens (B, T) → scores (B, T, V) of the token that follows each. */
  forward(tokens: Tensor, caches?: readonly KeyValueCache[]): Tensor {
    const start = caches?.[0]?.length ?? 0;
    const T = tokens.shape[1] ?? 0;
    check(
      tokens.rank === 2 && start + T <= this.options.context,
      'GPT',
      `tokens are (B, T) with T at most the context, ${this.options.context}`,
      () => `${show(tokens.shape)}${start > 0 ? ` after ${start} in the cache` : ''}`,
      () => 'cut the input, or build the model with a longer context',
    );
    let x = add(this.tokens.forward(tokens), this.positions.forward(arange(start + T, { start })));
    x = this.dropout.forward(x);
    for (const [i, block] of [...this.blocks].entries()) {
      const cache = caches?.[i];
      x = block.forward(x, cache ? { cache } : {});
    }
    if (this.norm) x = this.norm.forward(x);
    return this.head ? this.head.forward(x) : linear(x, this.tokens.weight);
  }

  /** Mean cross entropy (nats per token) of the tokens that follow, (B, T). Targets of −100 are left out. */
  loss(tokens: Tensor, targets: Tensor): Tensor {
    return crossEntropy(this.forward(tokens), targets);
  }

  /** The prompt and what the model writes after it. */
  generate(prompt: ArrayLike<number>, options: GenerateOptions = {}): number[] {
    return [...Array.from(prompt), ...this.stream(prompt, options)];
  }

  /**
   * Writes after the prompt, one token at a time. Keys and values of what was read are kept, so each token costs one
   * position; when the context is full, the model goes on from the later half of it.
   */
  *stream(prompt: ArrayLike<number>, options: GenerateOptions = {}): Generator<number> {
    const { context } = this.options;
    const caches = this.#emptyCaches();
    const nextScores = (unread: readonly number[], seen: readonly number[]) => {
      if (caches[0]!.length + unread.length <= context) return this.#nextScores(unread, caches);
      for (const cache of caches) cache.length = 0;
      return this.#nextScores(seen.slice(seen.length === unread.length ? -context : -Math.ceil(context / 2)), caches);
    };
    try {
      yield* generateTokens(prompt, nextScores, options);
    } finally {
      for (const cache of caches) cache.release();
    }
  }

  #nextScores(tokens: readonly number[], caches: readonly KeyValueCache[]): FloatArray {
    const wasTraining = this.training;
    this.eval();
    try {
      return noGrad(() => {
        const scores = this.forward(tensor([[...tokens]], { dtype: 'int32' }), caches);
        return select(select(scores, 0, 0), 0, -1).toTypedArray() as FloatArray;
      });
    } finally {
      this.train(wasTraining);
    }
  }

  #emptyCaches(): KeyValueCache[] {
    const { layers, heads, width, context } = this.options;
    return Array.from({ length: layers }, () => new KeyValueCache([1, heads, context, width / heads]));
  }
}
