import { checkSize } from '../src/nn/checks.ts';
import { Dropout, initTruncatedNormal, initZeros, Linear, Module } from '../src/nn/index.ts';
import { crossEntropy } from '../src/ops/index.ts';
import { type Complete, check, display, required, type Tensor, withDefaults } from '../src/tensor/index.ts';
import { BERTEncoder, type BERTInputs } from './bertEncoder.ts';

/** The options of a `BERTClassifier`. */
export interface BERTClassifierOptions {
  /** Number of classes. */
  readonly classes: number;
  /** Dropout probability on the pooled state. Default: the encoder's. */
  readonly dropout?: number | undefined;
}

/**
 * BERT fine-tuned to classify a sentence, or a pair: logits = W·dropout(pooled) + b.
 *
 * It trains the encoder it is given, and does not copy it. Shapes: (B, T) → (B, classes).
 *
 *     const classifier = new BERTClassifier(bert.encoder, { classes: 8 });
 *
 * Devlin et al., arXiv:1810.04805, §4.1
 */
export class BERTClassifier extends Module {
  readonly encoder: BERTEncoder;
  readonly dropout: Dropout;
  readonly output: Linear;

  constructor(encoder: BERTEncoder, given: BERTClassifierOptions) {
    super();
    check(encoder instanceof BERTEncoder, 'BERTClassifier', 'the encoder is a BERTEncoder', () =>
      display(encoder),
    );
    const { classes, dropout } = withDefaults<Complete<BERTClassifierOptions>>('BERTClassifier', given, {
      classes: required,
      dropout: encoder.options.dropout,
    });
    checkSize('BERTClassifier', { classes });
    const { width, initStd } = encoder.options;
    this.encoder = encoder;
    this.dropout = new Dropout(dropout);
    this.output = new Linear(width, classes, { init: initTruncatedNormal(initStd), biasInit: initZeros });
  }

  forward(inputs: BERTInputs): Tensor {
    const { pooled } = this.encoder.forward(inputs);
    return this.output.forward(this.dropout.forward(pooled));
  }

  /** Mean cross entropy of the classes (B), int32. */
  loss(inputs: BERTInputs, classes: Tensor): Tensor {
    return crossEntropy(this.forward(inputs), classes);
  }
}
