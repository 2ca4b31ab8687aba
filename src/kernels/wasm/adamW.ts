import type { FloatArray } from '../../tensor/index.ts';
import type { AdamWStep } from '../contract.ts';
import { adamW as plainAdamW } from '../js/adamW.ts';
import { compiled, isFloat32 } from './call.ts';

const wasm = compiled({ adamW: 12 });

export function adamW(
  parameter: FloatArray,
  m: FloatArray,
  v: FloatArray,
  gradient: FloatArray,
  step: AdamWStep,
): void {
  if (!isFloat32(parameter)) return plainAdamW(parameter, m, v, gradient, step);
  const { lr, beta1, beta2, eps, weightDecay, correction1, correction2 } = step;
  const scalars = [beta1, beta2, lr * weightDecay, lr / correction1, 1 / Math.sqrt(correction2), eps];
  const split = { total: parameter.length, grain: 16, work: parameter.length * 10 };
  wasm.adamW(split, [parameter, m, v], [gradient], scalars);
}
