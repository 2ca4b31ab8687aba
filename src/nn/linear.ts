import { add, linear } from '../ops/index.ts';
import { type Tensor, withDefaults } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { type Init, initKaimingUniform, initUniform } from './init.ts';
import { type Layer, Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** The options of a `Linear` layer. */
export interface LinearOptions {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
  /** Initial weight. Default U(±1/√in), PyTorch's. */
  readonly init?: Init;
  /** Initial bias. Default U(±1/√in), PyTorch's. */
  readonly biasInit?: Init;
}

/**
 * The affine map of the last axis, y = x·Wᵀ + b.
 *
 * Parameters: weight (out, in), bias (out). Shapes: (…, in) → (…, out).
 *
 *     new Linear(128, 512).forward(x)
 */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  /** What is added to y: a change that is trained in place of the weight; see `lora`. */
  adapter: Layer | null = null;

  constructor(inputs: number, outputs: number, options: LinearOptions = {}) {
    super();
    checkSize('Linear', { inputs, outputs });
    const bound = 1 / Math.sqrt(inputs);
    const { bias, init, biasInit } = withDefaults<Required<LinearOptions>>('Linear', options, {
      bias: true,
      init: initKaimingUniform(1 / Math.sqrt(3)),
      biasInit: initUniform(-bound, bound),
    });
    this.weight = new Parameter(init([outputs, inputs]), { role: 'weight' });
    this.bias = bias ? new Parameter(biasInit([outputs]), { role: 'bias' }) : null;
  }

  forward(x: Tensor): Tensor {
    const y = linear(x, this.weight, this.bias);
    return this.adapter ? add(y, this.adapter.forward(x)) : y;
  }
}
