import { compiled } from '../call.ts';
import { forFloat32 } from '../forFloat32.ts';

const wasm = compiled({ adamW: 12 });

export const adamW = forFloat32('adamW', (parameter, m, v, gradient, step) => {
  const { lr, beta1, beta2, eps, weightDecay, correction1, correction2 } = step;
  const scalars = [beta1, beta2, lr * weightDecay, lr / correction1, 1 / Math.sqrt(correction2), eps];
  const split = { total: parameter.length, grain: 16, work: parameter.length * 10 };
  wasm.adamW(split, [parameter, m, v], [gradient], scalars);
});
