import { linear, mul, sub } from '../ops/index.ts';
import { check, display, rand, randomStream, type Tensor, zeros } from '../tensor/index.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/**
 * A change of low rank beside a frozen `Linear`: y = x·Wᵀ + b + scale·(x·Aᵀ)·Bᵀ.
 *
 * Parameters: A (r, in) ~ U(±1/√in), Kaiming's for a leaky ReLU of slope √5; B (out, r) = 0, so that it starts
 * as no change. Shapes: (…, in) → (…, out), what is added to y.
 */
export class LoraAdapter extends Module {
  readonly A: Parameter;
  readonly B: Parameter;
  readonly scale: number;

  constructor({ weight }: Linear, rank: number, scale: number) {
    super();
    const [outputs, inputs] = weight.shape as [number, number];
    const { dtype } = weight;
    const uniform = rand([rank, inputs], { dtype, random: randomStream('lora') });
    this.A = new Parameter(mul(sub(uniform, 0.5), 2 / Math.sqrt(inputs)), { role: 'weight' });
    this.B = new Parameter(zeros([outputs, rank], { dtype }), { role: 'weight' });
    this.scale = scale;
  }

  forward(x: Tensor): Tensor {
    return linear(mul(linear(x, this.A), this.scale), this.B);
  }
}

/** The layers of a model that have an adapter: dotted name, layer and adapter. */
export function adaptersOf(where: string, model: Module): [name: string, layer: Linear, LoraAdapter][] {
  check(model instanceof Module, where, 'the model is a module', () => display(model));
  return model
    .namedModules()
    .flatMap(([name, layer]): [string, Linear, LoraAdapter][] =>
      layer instanceof Linear && layer.adapter instanceof LoraAdapter ? [[name, layer, layer.adapter]] : [],
    );
}
