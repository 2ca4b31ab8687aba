import * as activations from '../ops/activations/index.ts';
import { check, suggest, type Tensor } from '../tensor/index.ts';
import { type Layer, Module } from './module.ts';

/** A function of a tensor, elementwise or gated (one that halves the last axis says so with `gated: true`). */
export type ActivationFunction = ((x: Tensor) => Tensor) & { readonly gated?: true };

/** Wherever an activation can be plugged in: the function itself, its name, or a layer (PReLU, which has a parameter). */
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
  }

  /** Whether the last axis comes out half as long as it goes in. */
  get gated(): boolean {
    return this.apply.gated === true;
  }

  forward(x: Tensor): Tensor {
    return this.apply(x);
  }
}

/** Names for command lines and configs. */
export function activationNames(): ActivationName[] {
  const functions = Object.entries(activations).filter(([name, f]) => typeof f === 'function' && name !== 'prelu');
  return functions.map(([name]) => name as ActivationName);
}

export function activationByName(name: string): ActivationFunction {
  check(
    (activationNames() as string[]).includes(name),
    'activation',
    'the name is known',
    () => `"${name}"`,
    () => suggest(name, activationNames()),
  );
  return activations[name as ActivationName] as ActivationFunction;
}

export function activationLayer(activation: ActivationLike): Layer {
  return activation instanceof Module ? activation : new Activation(activation);
}
