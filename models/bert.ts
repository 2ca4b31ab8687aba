import { checkLike } from '../src/nn/checks.ts';
import {
  Activation,
  initTruncatedNormal,
  initZeros,
  LayerNorm,
  Linear,
  Module,
  Parameter,
} from '../src/nn/index.ts';
import { add, crossEntropy, embedding, headCrossEntropy, linear, reshape } from '../src/ops/index.ts';
import { check, show, Tensor } from '../src/tensor/index.ts';
import { BERTEncoder, type BERTInputs, type BERTOptions } from './bertEncoder.ts';

/** The answers to the two tasks, for a batch. */
export interface BERTTargets {
  /**
   * Target of each position, (B, T) int32: the token that was there, −100 where nothing is to be predicted.
   * Default: only `isNext` is to be learned.
   */
  readonly tokens?: Tensor | undefined;
  /**
   * Order of each pair, (B) int32: 1 where the second sentence follows the first. (Google's code has it the
   * other way round: 0 is next.)
   */
  readonly isNext: Tensor;
}

/**
 * The head for masked words: Linear, activation, norm, then logits by token embeddings and a bias for each.
 */
export class MaskedHead extends Module {
  readonly transform: Linear;
  readonly activation: Activation;
  readonly norm: LayerNorm;
  readonly bias: Parameter;

  constructor({ width, vocabSize, activation, initStd, eps }: Required<BERTOptions>) {
    super();
    const init = initTruncatedNormal(initStd);
    this.activation = new Activation(activation);
    const outputs = this.activation.gated ? 2 * width : width;
    this.transform = new Linear(width, outputs, { init, biasInit: initZeros });
    this.norm = new LayerNorm(width, { eps });
    this.bias = new Parameter(initZeros([vocabSize]), { role: 'bias' });
  }

  /** Logits (N, V), from hidden states (N, C) and the token embeddings (V, C). */
  forward(x: Tensor, tokens: Tensor): Tensor {
    return linear(this.#transformed(x), tokens, this.bias);
  }

  /** Mean cross entropy (nats) of the words (N) that were there. */
  loss(x: Tensor, tokens: Tensor, words: Tensor): Tensor {
    return headCrossEntropy(this.#transformed(x), tokens, words, { bias: this.bias });
  }

  #transformed(x: Tensor): Tensor {
    return this.norm.forward(this.activation.forward(this.transform.forward(x)));
  }
}

/**
 * BERT: its encoder, which gives hidden states and a pooled one, and the two tasks it is pre-trained on.
 *
 *   masked words    norm(gelu(W·hidden + b))·tokensᵀ + bias        at the positions to be predicted
 *   next sentence   W·pooled + b
 *
 * Devlin et al., arXiv:1810.04805, §3.1; google-research/bert, run_pretraining.py
 */
export class BERT extends Module {
  readonly encoder: BERTEncoder;
  readonly maskedHead: MaskedHead;
  readonly nextSentence: Linear;

  constructor(given: BERTOptions) {
    super();
    this.encoder = new BERTEncoder(given);
    const { width, initStd } = this.encoder.options;
    this.maskedHead = new MaskedHead(this.encoder.options);
    this.nextSentence = new Linear(width, 2, { init: initTruncatedNormal(initStd), biasInit: initZeros });
  }

  /**
   * Logits (N, V) of the words at N positions only, counted through the whole batch (b·T + t), and logits
   * (B, 2) of "the second sentence does not follow" and "it follows".
   */
  forward(inputs: BERTInputs, positions: Tensor): { words: Tensor; isNext: Tensor } {
    const { hidden, pooled } = this.encoder.forward(inputs);
    const words = this.maskedHead.forward(this.#rows(hidden, positions), this.encoder.tokens.weight);
    return { words, isNext: this.nextSentence.forward(pooled) };
  }

  /**
   * Mean cross entropy (nats) of the words to be predicted, plus that of whether the second sentence follows.
   */
  loss(inputs: BERTInputs, { tokens, isNext }: BERTTargets): Tensor {
    checkLike('BERT', inputs.tokens, { targets: tokens });
    const asked = tokens && predicted(tokens);
    const { hidden, pooled } = this.encoder.forward(inputs);
    const order = crossEntropy(this.nextSentence.forward(pooled), isNext);
    if (!asked) return order;
    const rows = this.#rows(hidden, asked.positions);
    const words = this.maskedHead.loss(rows, this.encoder.tokens.weight, asked.words);
    return add(words, order);
  }

  /** The hidden states (N, C) at N positions, of all (B, T, C), as a table of which some rows count. */
  #rows(hidden: Tensor, positions: Tensor): Tensor {
    const { width } = this.encoder.options;
    return embedding(reshape(hidden, [hidden.size / width, width]), positions);
  }
}

/** The positions of targets other than −100, counted through the batch, and these targets: both (N) int32. */
export function predicted(targets: Tensor): { positions: Tensor; words: Tensor } {
  const all = targets.toTypedArray();
  const positions = Int32Array.from(all.keys()).filter((i) => all[i] !== -100);
  check(
    positions.length > 0,
    'BERT',
    'at least one token is to be predicted',
    () => `targets ${show(targets.shape)}, all −100`,
  );
  const words = positions.map((i) => all[i]!);
  const shape = [positions.length];
  return { positions: Tensor.over(positions, shape), words: Tensor.over(words, shape) };
}
