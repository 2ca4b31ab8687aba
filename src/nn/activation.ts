import * as activations from '../ops/activations/index.ts';
import { checkFunctions, display, fail, suggest, type Tensor } from '../tensor/index.ts';
import { type Layer, Module } from './module.ts';

/**
 * A function of a tensor, elementwise or gated (one that halves the last axis says so with `gated: true`).
 * One that draws random numbers in training says `stochastic: true`, and is called with `{ training }`.
 */
export type ActivationFunction = ((x: Tensor) => Tensor) & {
  readonly gated?: true;
  readonly stochastic?: true;
};

/** An activation in any form: the function itself, its name, or a layer (PReLU, which has a parameter). */
export type ActivationLike = ActivationFunction | ActivationName | Layer;

/** The activations that need nothing but x, by name; `prelu` is a layer. */
export type ActivationName = Exclude<
  {
    [Name in keyof typeof activations]: (typeof activations)[Name] extends ActivationFunction ? Name : never;
  }[keyof typeof activations],
  'prelu'
>;

/** An activation function as a layer. */
export class Activation extends Module {
  readonly apply: ActivationFunction;

  constructor(activation: ActivationFunction | string) {
    super();
    this.apply = typeof activation === 'string' ? activationByName(activation) : activation;
    checkFunctions('Activation', { 'an activation, given by itself or by name,': this.apply });
  }

  /** Whether the last axis comes out half as long as it goes in. */
  get gated(): boolean {
    return this.apply.gated === true;
  }

  forward(x: Tensor): Tensor {
    return isStochastic(this.apply) ? this.apply(x, { training: this.training }) : this.apply(x);
  }
}

function isStochastic(f: ActivationFunction): f is activations.StochasticActivation {
  return f.stochastic === true;
}

/** The activations that need nothing but x, by name: `prelu` has a parameter, and is a layer. */
const byName = new Map(
  Object.entries(activations).flatMap(([name, f]) =>
    name === 'prelu' ? [] : [[name, f as ActivationFunction]],
  ),
);

/** The names of all activations, for command lines and configs. */
export function activationNames(): ActivationName[] {
  return [...byName.keys()] as ActivationName[];
}

/** The activation of that name; an unknown one is an error that names the nearest. */
export function activationByName(name: string): ActivationFunction {
  return (
    byName.get(name) ??
    fail('activation', 'the name is known', display(name), suggest(name, activationNames()))
  );
}

/** Makes a layer of an activation in any form; a layer is returned as it is. */
export function activationLayer(activation: ActivationLike): Layer {
  return activation instanceof Module ? activation : new Activation(activation);
}
