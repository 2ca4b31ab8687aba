import { embedding } from '../ops/index.ts';
import { type Tensor, withDefaults } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { type Init, initNormal } from './init.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** The options of an `Embedding`. */
export interface EmbeddingOptions {
  /** Initial table. Default N(0, 1), PyTorch's. */
  readonly init?: Init;
}

/**
 * A table of vectors: row i stands for token i.
 *
 * Parameters: weight (count, width). Shapes: int32 (…) → (…, width).
 */
export class Embedding extends Module {
  readonly weight: Parameter;

  constructor(count: number, width: number, options: EmbeddingOptions = {}) {
    super();
    checkSize('Embedding', { count, width });
    const { init } = withDefaults<Required<EmbeddingOptions>>('Embedding', options, { init: initNormal(1) });
    this.weight = new Parameter(init([count, width]), { role: 'embedding' });
  }

  forward(indices: Tensor): Tensor {
    return embedding(this.weight, indices);
  }
}
