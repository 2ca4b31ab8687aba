import { type GenerateOptions, generateTokens, KeyValueCache, lastLogits } from '../src/generation/index.ts';
import { checkTokens } from '../src/nn/checks.ts';
import {
  Dropout,
  Embedding,
  initNormal,
  initResidual,
  initSinusoidal,
  initZeros,
  type Layer,
  Linear,
  Module,
  ModuleList,
  normLayer,
  SinusoidalPositions,
  TransformerBlock,
  type TransformerBlockOptions,
} from '../src/nn/index.ts';
import { add, crossEntropy, headCrossEntropy, linear, mul, softCap } from '../src/ops/index.ts';
import { arange, type FloatArray, type Tensor, tensor } from '../src/tensor/index.ts';
import { type GPTOptions, gptSettings } from './gptOptions.ts';

export type { GPTOptions } from './gptOptions.ts';

/**
 * GPT: a decoder-only Transformer language model, in nanoGPT's architecture and initialization. Other options
 * make it GPT-2, LLaMA or PaLM, or nearly BLOOM: see the recipes `gpt2`, `llama`, `palm` and `bloom`.
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
    const options = gptSettings(given);
    const { vocabSize, context, layers, width, positions, tiedHead, initStd, positionInit, ...others } =
      options;
    const { outputInit, logitCap: _, ...rest } = others;
    const { normPosition, norm, eps, bias } = rest;
    const init = initNormal(initStd);
    const block: TransformerBlockOptions = {
      ...rest,
      causal: true,
      positions: positions === 'rotary' || positions === 'alibi' ? positions : 'none',
      init,
      // 2·layers branches add up in the residual stream
      outputInit: outputInit === 'zeros' ? initZeros : initResidual(layers, initStd),
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
    const x = this.#hidden(tokens, caches);
    const logits = this.head ? this.head.forward(x) : linear(x, this.tokens.weight);
    return this.options.logitCap === undefined ? logits : softCap(logits, this.options.logitCap);
  }

  /** What the head reads, (B, T, C). */
  #hidden(tokens: Tensor, caches?: readonly KeyValueCache[]): Tensor {
    const start = caches?.[0]?.length ?? 0;
    checkTokens('GPT', tokens, this.options.context, start);
    let x = this.dropout.forward(this.#embed(tokens, start));
    for (const [i, block] of this.blocks.items.entries()) x = block.forward(x, { cache: caches?.[i] });
    return this.norm ? this.norm.forward(x) : x;
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

  /**
   * Mean cross entropy (nats per token) of the tokens that follow, (B, T). Targets of −100 are left out. Large
   * vocabularies take little memory, see `headCrossEntropy`, but not with a `logitCap`.
   */
  loss(tokens: Tensor, targets: Tensor): Tensor {
    if (this.options.logitCap !== undefined || this.head?.adapter)
      return crossEntropy(this.forward(tokens), targets);
    return headCrossEntropy(this.#hidden(tokens), (this.head ?? this.tokens).weight, targets);
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
