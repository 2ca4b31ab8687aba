import { noGrad } from '../autograd/index.ts';
import type { Module } from './module.ts';

/** The body in evaluation mode and without gradients; afterwards the model is in the mode that it was in. */
export function inference<R>(model: Module, body: () => R): R {
  const wasTraining = model.training;
  model.eval();
  try {
    return noGrad(body);
  } finally {
    model.train(wasTraining);
  }
}
