import { flat, kernel, main, run, thread } from '../kernel.ts';
import { forFloat32 } from '../overlay.ts';

const THREADS = 256;

/** A thread turns a pair. */
const turned = kernel('rotate', {
  writes: ['y'],
  reads: ['x', 'cos_', 'sin_'],
  sizes: ['n', 'positions', 'heads', 'pairs', 'apart', 'direction: f32'],
  code: `${main(THREADS)} {
  let k = ${thread(THREADS)};
  if (k >= p.n) { return; }
  let i = k % p.pairs; let head = k / p.pairs;
  let row = head / p.heads % p.positions * p.pairs + i;
  let first = 2u * head * p.pairs + i * select(1u, 2u, p.apart == 1u);
  let a = x[p.xAt + first]; let b = x[p.xAt + first + p.apart];
  let c = cos_[p.cos_At + row]; let s = p.direction * sin_[p.sin_At + row];
  y[p.yAt + first] = a * c - b * s;
  y[p.yAt + first + p.apart] = b * c + a * s;
}`,
});

export const rotate = forFloat32(
  'rotate',
  (y, x, cos, sin, tokens, positions, heads, pairs, apart, direction) => {
    const count = tokens * heads * pairs;
    run(turned, [y], [x, cos, sin], [count, positions, heads, pairs, apart, direction], flat(count, THREADS));
  },
);
