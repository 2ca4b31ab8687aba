import { gatedUnit } from '../internal/gatedUnit.ts';
import { silu } from './silu.ts';

/**
 * SwiGLU: a gated linear unit with SiLU (Swish, β = 1) in place of the sigmoid.
 *
 *   y = a ⊙ silu(b),  [a, b] = x        da = dy ⊙ silu(b),  db = dy ⊙ a ⊙ silu′(b)
 *
 * Shapes: (…, 2F) → (…, F). The value a is the first half of the last axis; the gate is the second half, b.
 * PaLM, LLaMA and Mistral use it.
 *
 * Shazeer, "GLU Variants Improve Transformer", arXiv:2002.05202
 */
export const swiglu = gatedUnit('swiglu', silu);
