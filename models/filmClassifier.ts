import { checkSize } from '../src/nn/checks.ts';
import { initXavierUniform, initZeros, Linear, Module } from '../src/nn/index.ts';
import { crossEntropy, mean } from '../src/ops/index.ts';
import { check, display, required, type Tensor, withDefaults } from '../src/tensor/index.ts';
import { FilmEncoder } from './filmEncoder.ts';

/** The options of a `FilmClassifier`. */
export interface FilmClassifierOptions {
  /** Number of classes. */
  readonly classes: number;
}

/**
 * A film, or an image, classified by an encoder that others may share: logits = W·(mean of its states) + b.
 *
 * It trains the encoder it is given, and does not copy it. What it is told thus helps a captioner with the
 * same encoder, and the other way round. Shapes: films (B, …) → (B, classes).
 *
 *     const classifier = new FilmClassifier(captioner.encoder, { classes: 17 });
 *
 * The mean in place of a class token: Dosovitskiy et al., arXiv:2010.11929, App. D.3
 */
export class FilmClassifier extends Module {
  readonly encoder: FilmEncoder;
  readonly output: Linear;

  constructor(encoder: FilmEncoder, given: FilmClassifierOptions) {
    super();
    check(encoder instanceof FilmEncoder, 'FilmClassifier', 'the encoder is a FilmEncoder', () =>
      display(encoder),
    );
    const { classes } = withDefaults<Required<FilmClassifierOptions>>('FilmClassifier', given, {
      classes: required,
    });
    checkSize('FilmClassifier', { classes });
    this.encoder = encoder;
    this.output = new Linear(encoder.options.width, classes, {
      init: initXavierUniform(),
      biasInit: initZeros,
    });
  }

  forward(films: Tensor): Tensor {
    return this.classify(this.encoder.forward(films));
  }

  /** Mean cross entropy (nats) of the classes (B), int32. */
  loss(films: Tensor, classes: Tensor): Tensor {
    return crossEntropy(this.forward(films), classes);
  }

  /** Logits (B, classes) of films that the encoder has read already, (B, N, C). */
  classify(seen: Tensor): Tensor {
    return this.output.forward(mean(seen, 1));
  }
}
