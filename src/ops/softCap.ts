import { check, display, type Tensor } from '../tensor/index.ts';
import { tanh } from './activations/tanh.ts';
import { div } from './div.ts';
import { mul } from './mul.ts';

/**
 * The soft cap: numbers stay what they are near 0, and never get beyond ±cap.
 *
 *   y = cap·tanh(x/cap)        dx = dy·(1 − (y/cap)²)
 *
 * Shapes: y as x. A cap that is not a finite number > 0 is an error. For logits, where 30 is usual, it keeps
 * the model from growing ever more certain.
 *
 * Bello et al., "Neural Combinatorial Optimization with Reinforcement Learning", arXiv:1611.09940; in
 * language models: "Gemma 2", arXiv:2408.00118
 */
export function softCap(x: Tensor, cap: number): Tensor {
  check(Number.isFinite(cap) && cap > 0, 'softCap', 'cap is a finite number > 0', () => display(cap));
  return mul(tanh(div(x, cap)), cap);
}
