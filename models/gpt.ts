import { type GenerateOptions, generateTokens, KeyValueCache, lastLogits } from '../src/generation/index.ts';
import { blockDefaults } from '../src/nn/blockOptions.ts';
import { checkLayers, checkOneOf, checkSize, checkTokens } from '../src/nn/checks.ts';
import {
  Dropout,
  Embedding,
  initNormal,
  initResidual,
  initSinusoidal,
  type Layer,
  Linear,
  Module,
  ModuleList,
  normLayer,
  SinusoidalPositions,
  TransformerBlock,
  type TransformerBlockOptions,
} from '../src/nn/index.ts';
import { add, crossEntropy, linear, mul } from '../src/ops/index.ts';
import { arange, type FloatArray, required, type Tensor, tensor, withDefaults } from '../src/tensor/index.ts';

/** The options of a block that are not a GPT's: it sets them itself, or has others of that name. */
type NotOfGPT = 'heads' | 'causal' | 'positions' | 'init' | 'outputInit';

/** The options of a `GPT`: those of its blocks (`hidden`, `activation`, `norm`, `headSize`, …), and more. */
export interface GPTOptions extends Omit<TransformerBlockOptions, NotOfGPT> {
  /** V, the number of tokens. */
  readonly vocabSize: number;
  /** T, the most positions that the model sees at once. */
  readonly context: number;
  /** L, the number of blocks. Default 4. */
  readonly layers?: number;
  /** H, the number of heads. Default 4. */
  readonly heads?: number;
  /** C, the width of embeddings and hidden states. Default 128. */
  readonly width?: number;
  /**
   * Kind of positions. 'learned' (default): added to the tokens · 'sinusoidal': added to √width·tokens ·
   * 'rotary', 'alibi': act within attention
   */
  readonly positions?: 'learned' | 'sinusoidal' | 'rotary' | 'alibi';
  /** Whether linear layers and layer norms have a bias. Default false: as good, and a bit faster. */
  readonly bias?: boolean;
  /**
   * Dropout probability: embeddings, attention weights, branch outputs. Default 0; small models on much data
   * underfit anyway.
   */
  readonly dropout?: number;
  /** Whether the head shares the token embedding's weight. Default true. */
  readonly tiedHead?: boolean;
  /**
   * Standard deviation of the initial weights. Default 0.02, GPT-2's; below a width of 256, 2/√width learns
   * much faster.
   */
  readonly initStd?: number;
  /** Start of learned positions: 'normal' (default, GPT-2's) or 'sinusoidal', which learns to copy sooner. */
  readonly positionInit?: 'normal' | 'sinusoidal';
}

const { causal: _c, init: _i, outputInit: _o, ...ofBlocks } = blockDefaults;
const defaults: Required<GPTOptions> = {
  vocabSize: required,
  context: required,
  layers: 4,
  width: 128,
  ...ofBlocks,
  heads: 4,
  positions: 'learned',
  bias: false,
  tiedHead: true,
  initStd: 0.02,
  positionInit: 'normal',
};

/**
 * GPT: a decoder-only Transformer language model, in nanoGPT's architecture and initialization. Other options
 * make it GPT-2 or LLaMA, or nearly PaLM or BLOOM: see the recipes `gpt2`, `llama`, `palm` and `bloom`.
 *
 *   x = tokens + positions → L × block (causal attention, feed-forward; a norm before each)
 *     → norm → head → logits
 *
 * With norms after the blocks' branches (normPosition 'post') there is no final one.
 *
 * Radford et al., "Language Models are Unsupervised Multitask Learners" (GPT-2), 2019
 */
export class GPT extends Module {
  readonly tokens: Embedding;
  /** Vectors of the positions; null when positions act within attention. */
  readonly positions: Embedding | SinusoidalPositions | null;
  readonly dropout: Dropout;
  readonly blocks: ModuleList<TransformerBlock>;
  readonly norm: Layer | null;
  /** Output layer; null when it is tied to the token embedding. */
  readonly head: Linear | null;
  /** Last field, so that the parameters of a layer that is the `activation` are named by the blocks. */
  readonly options: Required<GPTOptions>;

  constructor(given: GPTOptions) {
    super();
    const options = withDefaults('GPT', given, defaults);
    const { vocabSize, context, layers, width, positions, tiedHead, initStd, positionInit, ...rest } =
      options;
    checkSize('GPT', { vocabSize, context, width });
    checkLayers('GPT', layers);
    checkOneOf('GPT', 'positions', positions, ['learned', 'sinusoidal', 'rotary', 'alibi']);
    checkOneOf('GPT', 'positionInit', positionInit, ['normal', 'sinusoidal']);
    const { normPosition, norm, eps, bias } = rest;
    const init = initNormal(initStd);
    const block: TransformerBlockOptions = {
      ...rest,
      causal: true,
      positions: positions === 'rotary' || positions === 'alibi' ? positions : 'none',
      init,
      outputInit: initResidual(layers, initStd), // 2·layers branches add up in the residual stream
    };
    this.tokens = new Embedding(vocabSize, width, { init });
    this.positions = null;
    const positionStart = positionInit === 'sinusoidal' ? initSinusoidal(initStd) : init;
    if (positions === 'learned') this.positions = new Embedding(context, width, { init: positionStart });
    if (positions === 'sinusoidal') this.positions = new SinusoidalPositions(context, width);
    this.dropout = new Dropout(rest.dropout);
    this.blocks = new ModuleList(Array.from({ length: layers }, () => new TransformerBlock(width, block)));
    this.norm = normPosition === 'pre' ? normLayer(norm, width, { eps, bias }) : null;
    this.head = tiedHead ? null : new Linear(width, vocabSize, { bias: false, init });
    this.options = options;
  }

  /** Tokens (B, T) → logits (B, T, V) of the token that follows each. */
  forward(tokens: Tensor, caches?: readonly KeyValueCache[]): Tensor {
    const start = caches?.[0]?.length ?? 0;
    checkTokens('GPT', tokens, this.options.context, start);
    let x = this.dropout.forward(this.#embed(tokens, start));
    for (const [i, block] of this.blocks.items.entries()) x = block.forward(x, { cache: caches?.[i] });
    if (this.norm) x = this.norm.forward(x);
    return this.head ? this.head.forward(x) : linear(x, this.tokens.weight);
  }

  #embed(tokens: Tensor, start: number): Tensor {
    const x = this.tokens.forward(tokens);
    const T = tokens.shape[1]!;
    if (this.positions instanceof Embedding)
      return add(x, this.positions.forward(arange(start + T, { start })));
    if (this.positions === null) return x;
    // √width times the tokens, as in the first Transformer
    return add(mul(x, Math.sqrt(this.options.width)), this.positions.forward(T, start));
  }

  /** Mean cross entropy (nats per token) of the tokens that follow, (B, T). Targets of −100 are left out. */
  loss(tokens: Tensor, targets: Tensor): Tensor {
    return crossEntropy(this.forward(tokens), targets);
  }

  /** The prompt and what the model writes after it. */
  generate(prompt: ArrayLike<number>, options: GenerateOptions = {}): number[] {
    const written = [...this.stream(prompt, options)]; // checks the prompt
    return [...Array.from(prompt), ...written];
  }

  /**
   * Writes after the prompt, one token at a time. Keys and values of what was read are kept, so each token
   * costs one position; when the context is full, the model goes on from the later half of it.
   */
  *stream(prompt: ArrayLike<number>, options: GenerateOptions = {}): Generator<number> {
    const { context, vocabSize } = this.options;
    const caches = this.#emptyCaches();
    const nextLogits = (unread: readonly number[], seen: readonly number[]) => {
      if (caches[0]!.length + unread.length <= context) return this.#nextLogits(unread, caches);
      for (const cache of caches) cache.length = 0;
      const kept = seen.length === unread.length ? context : Math.ceil(context / 2);
      return this.#nextLogits(seen.slice(-kept), caches);
    };
    try {
      yield* generateTokens(prompt, { vocabSize, nextLogits }, options);
    } finally {
      for (const cache of caches) cache.release();
    }
  }

  #nextLogits(tokens: readonly number[], caches: readonly KeyValueCache[]): FloatArray {
    return lastLogits(this, () => this.forward(tensor([[...tokens]], { dtype: 'int32' }), caches));
  }

  #emptyCaches(): KeyValueCache[] {
    return this.blocks.items.map(({ attention: { keyValueHeads, headSize } }) => {
      return new KeyValueCache([1, keyValueHeads, this.options.context, headSize]);
    });
  }
}
