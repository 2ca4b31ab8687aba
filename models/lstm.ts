import { type GenerateOptions, generateTokens, lastLogits } from '../src/generation/index.ts';
import { checkLayers, checkSize, checkTargets } from '../src/nn/checks.ts';
import {
  Dropout,
  Embedding,
  initNormal,
  Linear,
  LSTM,
  LSTMState,
  Module,
  ModuleList,
} from '../src/nn/index.ts';
import { crossEntropy, linear } from '../src/ops/index.ts';
import {
  check,
  display,
  required,
  sameShape,
  show,
  Tensor,
  tensor,
  withDefaults,
} from '../src/tensor/index.ts';

/** The options of an `LSTMLanguageModel`. */
export interface LSTMLanguageModelOptions {
  /** V, the number of tokens. */
  readonly vocabSize: number;
  /** C, the width of the token embeddings. Default 64. */
  readonly width?: number;
  /** H, the size of each layer's h and c. Default 128. */
  readonly hidden?: number;
  /** L, the number of LSTM layers. Default 1. */
  readonly layers?: number;
  /** Dropout probability on embeddings and on each layer's outputs. Default 0. */
  readonly dropout?: number;
  /** Probability with which an element of h keeps its previous value. Default 0; the paper has 0.05. */
  readonly zoneoutHidden?: number;
  /** Probability with which an element of c keeps its previous value. Default 0; the paper has 0.5. */
  readonly zoneoutCell?: number;
  /** Whether the head shares the token embedding's weight, which takes hidden = width. Default false. */
  readonly tiedHead?: boolean;
}

/**
 * An LSTM language model: it reads tokens one after the other into a state of fixed size, and predicts the
 * next one from it.
 *
 *   x = dropout(tokens) → L × dropout(LSTM) → head → logits
 *
 * Against overfitting there are dropout, between the layers, and zoneout, from step to step inside them.
 *
 * Zaremba, Sutskever & Vinyals, "Recurrent Neural Network Regularization", arXiv:1409.2329
 * (where dropout goes); Krueger et al., "Zoneout", arXiv:1606.01305
 */
export class LSTMLanguageModel extends Module {
  readonly options: Required<LSTMLanguageModelOptions>;
  readonly tokens: Embedding;
  readonly dropout: Dropout;
  readonly layers: ModuleList<LSTM>;
  /** Output layer; null when it is tied to the token embedding. */
  readonly head: Linear | null;

  constructor(given: LSTMLanguageModelOptions) {
    super();
    const options = withDefaults<Required<LSTMLanguageModelOptions>>('LSTMLanguageModel', given, {
      vocabSize: required,
      width: 64,
      hidden: 128,
      layers: 1,
      dropout: 0,
      zoneoutHidden: 0,
      zoneoutCell: 0,
      tiedHead: false,
    });
    const { vocabSize, width, hidden, layers, dropout, zoneoutHidden, zoneoutCell, tiedHead } = options;
    checkSize('LSTMLanguageModel', { vocabSize, width, hidden });
    checkLayers('LSTMLanguageModel', layers);
    check(
      !tiedHead || hidden === width,
      'LSTMLanguageModel',
      'a tied head reads what is as wide as an embedding',
      () => `hidden ${hidden}, width ${width}`,
      () => 'make them equal, or leave tiedHead out',
    );
    const zoneout = { zoneoutHidden, zoneoutCell };
    this.options = options;
    this.tokens = new Embedding(vocabSize, width, { init: initNormal(tiedHead ? 0.1 : 1) });
    this.dropout = new Dropout(dropout);
    this.layers = new ModuleList(
      Array.from({ length: layers }, (_, i) => new LSTM(i === 0 ? width : hidden, hidden, zoneout)),
    );
    this.head = tiedHead ? null : new Linear(hidden, vocabSize);
  }

  /**
   * Tokens (B, T) → logits (B, T, V) of the token that follows each.
   * @param states one for each layer: the initial state, overwritten with the state after the last token.
   * Default: zeros.
   */
  forward(tokens: Tensor, states?: readonly LSTMState[]): Tensor {
    check(
      tokens instanceof Tensor && tokens.rank === 2,
      'LSTMLanguageModel',
      'tokens are (B, T)',
      () => display(tokens),
      () => 'add a batch axis: [tokens]',
    );
    const { layers, hidden } = this.options;
    check(
      !states ||
        (states.length === layers && states.every(({ h }) => sameShape(h.shape, [tokens.shape[0]!, hidden]))),
      'LSTMLanguageModel',
      `there is one state of shape ${show([tokens.shape[0]!, hidden])} for each of ${layers} layers`,
      () => states!.map(({ h }) => show(h.shape)).join(', ') || 'none',
      () => 'make them with emptyStates(B)',
    );
    let x = this.tokens.forward(tokens);
    x = this.dropout.forward(x);
    for (const [i, layer] of this.layers.items.entries()) {
      const hidden = layer.forward(x, { state: states?.[i] });
      x = this.dropout.forward(hidden);
    }
    return this.head ? this.head.forward(x) : linear(x, this.tokens.weight);
  }

  /** Mean cross entropy (nats per token) of the tokens that follow, (B, T). Targets of −100 are left out. */
  loss(tokens: Tensor, targets: Tensor, states?: readonly LSTMState[]): Tensor {
    checkTargets('LSTMLanguageModel', tokens, targets, this.options.vocabSize); // before any state goes on
    return crossEntropy(this.forward(tokens, states), targets);
  }

  /** States of zeros for `forward`, one for each layer. */
  emptyStates(batchSize: number): LSTMState[] {
    const { layers, hidden } = this.options;
    return Array.from({ length: layers }, () => new LSTMState([batchSize, hidden]));
  }

  /** The prompt and what the model writes after it. */
  generate(prompt: ArrayLike<number>, options: GenerateOptions = {}): number[] {
    const written = [...this.stream(prompt, options)]; // checks the prompt
    return [...Array.from(prompt), ...written];
  }

  /**
   * Writes after the prompt, token by token. The states carry what was read, so each token costs one step.
   */
  *stream(prompt: ArrayLike<number>, options: GenerateOptions = {}): Generator<number> {
    const states = this.emptyStates(1);
    const nextLogits = (unread: readonly number[]) =>
      lastLogits(this, () => this.forward(tensor([[...unread]], { dtype: 'int32' }), states));
    try {
      yield* generateTokens(prompt, { vocabSize: this.options.vocabSize, nextLogits }, options);
    } finally {
      for (const state of states) state.release();
    }
  }
}
