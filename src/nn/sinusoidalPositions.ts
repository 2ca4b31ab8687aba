import { check, persistentZeros, type Tensor } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { Module } from './module.ts';
import { sinusoids } from './sinusoids.ts';

/**
 * The first Transformer's fixed positions, to be added to the token embeddings:
 *
 *   P[p, 2i] = sin(p/10000^(2i/C)),  P[p, 2i + 1] = cos(p/10000^(2i/C))
 *
 * No parameters, and nothing in the state dict. Shapes: a length T → (T, C), positions start … start + T − 1,
 * a view of the table: do not change it.
 *
 *     add(tokens.forward(x), new SinusoidalPositions(64, 128).forward(T))
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, §3.5
 */
export class SinusoidalPositions extends Module {
  readonly table: Tensor;

  /** Makes the table. @param context the most positions that there are */
  constructor(context: number, width: number) {
    super();
    checkSize('SinusoidalPositions', { context, width });
    this.table = persistentZeros([context, width]);
    this.table.data.set(sinusoids([context, width], { base: 10000, amplitude: 1 }).data);
  }

  forward(T: number, start = 0): Tensor {
    const [context, C] = this.table.shape as [number, number];
    check(
      Number.isInteger(T) && Number.isInteger(start) && T >= 0 && start >= 0 && start + T <= context,
      'SinusoidalPositions',
      `positions start … start + T − 1 lie within the context, ${context}`,
      () => `start ${start}, T ${T}`,
      () => 'cut the input, or build the layer with a longer context',
    );
    return this.table.strided([T, C], [C, 1], start * C);
  }
}
