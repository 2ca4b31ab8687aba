import { flat, kernel, main, run, thread } from '../kernel.ts';
import { forFloat32 } from '../overlay.ts';
import { special } from '../wgsl.ts';

const THREADS = 256;

const update = kernel('lion', {
  writes: ['w_', 'm'],
  reads: ['gradient'],
  sizes: [...['n', 'lr: f32', 'decay: f32'], ...['beta1: f32', 'beta2: f32', 'rest1: f32', 'rest2: f32']],
  updates: true,
  code: `${special}
${main(THREADS)} {
  let i = ${thread(THREADS)};
  if (i >= p.n) { return; }
  let d = gradient[p.gradientAt + i];
  let before = m[p.mAt + i];
  let u = p.beta1 * before + p.rest1 * d;
  let at = p.w_At + i;
  w_[at] -= p.lr * (select(sign(u), u, isNaN(u)) + p.decay * w_[at]);
  m[p.mAt + i] = p.beta2 * before + p.rest2 * d;
}`,
});

export const lion = forFloat32('lion', (parameter, m, gradient, { lr, beta1, beta2, weightDecay }) => {
  const sizes = [parameter.length, lr, weightDecay, beta1, beta2, 1 - beta1, 1 - beta2];
  run(update, [parameter, m], [gradient], sizes, flat(parameter.length, THREADS));
});
