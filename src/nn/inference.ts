import { noGrad } from '../autograd/index.ts';
import type { Module } from './module.ts';

/**
 * Runs the body with the model in evaluation mode and without gradients; afterwards each of its modules is in
 * the mode that it was in.
 */
export function inference<R>(model: Module, body: () => R): R {
  const modes = model.namedModules().map(([, module]) => [module, module.training] as const);
  model.eval();
  try {
    return noGrad(body);
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
}
