import { flat, kernel, main, run, thread } from '../kernel.ts';
import { forFloat32 } from '../overlay.ts';

const THREADS = 256;

const update = kernel('adamW', {
  writes: ['w_', 'm', 'v'],
  reads: ['gradient'],
  sizes: [
    ...['n', 'keep: f32', 'stepSize: f32', 'beta1: f32', 'beta2: f32'],
    ...['rest1: f32', 'rest2: f32', 'root2: f32', 'eps: f32'],
  ],
  updates: true,
  code: `${main(THREADS)} {
  let i = ${thread(THREADS)};
  if (i >= p.n) { return; }
  let d = gradient[p.gradientAt + i];
  let m1 = p.beta1 * m[p.mAt + i] + p.rest1 * d;
  let v1 = p.beta2 * v[p.vAt + i] + p.rest2 * d * d;
  m[p.mAt + i] = m1;
  v[p.vAt + i] = v1;
  let at = p.w_At + i;
  w_[at] = p.keep * w_[at] - p.stepSize * m1 / (sqrt(v1) / p.root2 + p.eps);
}`,
});

export const adamW = forFloat32('adamW', (parameter, m, v, gradient, step) => {
  const { lr, beta1, beta2, eps, weightDecay, correction1, correction2 } = step;
  const sizes = [parameter.length, 1 - lr * weightDecay, lr / correction1, beta1, beta2];
  const more = [1 - beta1, 1 - beta2, Math.sqrt(correction2), eps];
  run(update, [parameter, m, v], [gradient], [...sizes, ...more], flat(parameter.length, THREADS));
});
