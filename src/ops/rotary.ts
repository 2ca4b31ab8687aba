import { defineOp } from '../autograd/index.ts';
import { kernels } from '../kernels/index.ts';
import {
  type Complete,
  check,
  type DType,
  display,
  empty,
  persistentZeros,
  show,
  suggest,
  type Tensor,
  withDefaults,
} from '../tensor/index.ts';
import { PositionTables } from './internal/positionTables.ts';
import { floats } from './operands.ts';

/** The options of `rotary`. */
export interface RotaryOptions {
  /** The position of the first token. Default 0. */
  readonly start?: number;
  /** The slowest pair turns by about 1/base per position. Default 10000. */
  readonly base?: number | undefined;
  /**
   * Channels that make a pair: 'interleaved' (default; the paper, Meta's LLaMA, GPT-J) is 2i with 2i + 1,
   * 'half' (Hugging Face's LLaMA, GPT-NeoX) is i with i + D/2.
   */
  readonly layout?: RotaryLayout | undefined;
}

/** A way to pair the channels of a head. */
export type RotaryLayout = 'interleaved' | 'half';

const layouts: readonly RotaryLayout[] = ['interleaved', 'half'];

/**
 * Rotary positions: each pair of channels is turned by an angle that grows with the token's position, so that
 * the product of a query and a key depends only on the distance between them.
 *
 *   (y₂ᵢ, y₂ᵢ₊₁) = (x₂ᵢ·cos α − x₂ᵢ₊₁·sin α, x₂ᵢ₊₁·cos α + x₂ᵢ·sin α),  α = (start + t)·base^(−2i/D)
 *   dx = dy turned by −α
 *
 * In the layout 'half' the pairs are (xᵢ, xⱼ) with j = i + D/2: the same function of reordered channels.
 *
 * Shapes: x, y (B, T, H, D), D even: queries or keys before their heads are moved in front of the tokens.
 * Cosines and sines are computed in float64 and kept in tables, so that a call needs none. Saved: nothing but
 * the options.
 *
 * Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", arXiv:2104.09864
 */
export const rotary = defineOp({
  name: 'rotary',
  forward(x: Tensor, options: RotaryOptions = {}) {
    const settings = withDefaults<Complete<RotaryOptions>>('rotary', options, {
      start: 0,
      base: 10000,
      layout: 'interleaved',
    });
    const { start, base, layout } = settings;
    check(
      x.rank === 4 && x.shape[3]! % 2 === 0,
      'rotary',
      'the tensor is (B, T, H, D) with an even head size D',
      () => show(x.shape),
    );
    check(Number.isInteger(start) && start >= 0, 'rotary', 'start is a whole number ≥ 0', () => `${start}`);
    check(base > 0 && Number.isFinite(base), 'rotary', 'base is a finite number > 0', () => `${base}`);
    check(
      layouts.includes(layout),
      'rotary',
      'the layout is known',
      () => display(layout),
      () => suggest(layout, layouts),
    );
    return { output: turned(x, settings, 1), saved: settings };
  },
  backward: (dy, settings) => [turned(dy, settings, -1)],
});

function turned(x: Tensor, { start, base, layout }: Complete<RotaryOptions>, direction: 1 | -1): Tensor {
  const [B, T, H, D] = x.shape as [number, number, number, number];
  const y = empty(x.shape, x.dtype);
  const numbers = floats(x);
  const pairs = D / 2;
  const { cos, sin } = tables.get(`${x.dtype} ${D} ${base}`, start + T, (positions) =>
    makeTables(positions, D, base, x.dtype),
  );
  const rows = ({ storage }: Tensor) => storage.part(start * pairs, T * pairs);
  const apart = layout === 'half' ? pairs : 1;
  kernels.rotate(y.memory, numbers, rows(cos), rows(sin), B * T, T, H, pairs, apart, direction);
  return y;
}

/** cos α and sin α, (positions, D/2). */
interface Tables {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

const tables = new PositionTables<Tables>();

function makeTables(positions: number, D: number, base: number, dtype: DType): Tables {
  const shape = [positions, D / 2];
  const [cos, sin] = [persistentZeros(shape, dtype, 'rotary'), persistentZeros(shape, dtype, 'rotary')];
  const speeds = Array.from({ length: D / 2 }, (_, i) => base ** ((-2 * i) / D));
  for (let p = 0, at = 0; p < positions; p++) {
    for (const speed of speeds) {
      cos.data[at] = Math.cos(p * speed);
      sin.data[at++] = Math.sin(p * speed);
    }
  }
  return { cos, sin };
}
