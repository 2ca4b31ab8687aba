import { check, display } from '../tensor/index.ts';
import { Module } from './module.ts';

/**
 * Freezes every parameter of a module, or thaws it with `false`: `requiresGrad` of each is the contrary of
 * `frozen`. Returns the module.
 *
 *     freeze(model.tokens)
 *
 * What is frozen keeps its values and costs no gradient; below the lowest parameter that still trains,
 * backward does nothing. The groups of `decayGroups` leave it out, so make the optimizer afterwards.
 */
export function freeze<M extends Module>(module: M, frozen = true): M {
  check(module instanceof Module, 'freeze', 'what is frozen is a module', () => display(module));
  check(typeof frozen === 'boolean', 'freeze', 'frozen is a boolean', () => display(frozen));
  for (const parameter of module.parameters()) {
    parameter.requiresGrad = !frozen;
    parameter.zeroGrad(); // clipping and optimizers go by the gradients that are there
  }
  return module;
}
