import { gatedUnit } from '../internal/gatedUnit.ts';
import { gelu } from './gelu.ts';

/**
 * GEGLU: a gated linear unit with GELU (exact) in place of the sigmoid.
 *
 *   y = a ⊙ gelu(b),  [a, b] = x        da = dy ⊙ gelu(b),  db = dy ⊙ a ⊙ gelu′(b)
 *
 * Shapes: (…, 2F) → (…, F). The value a is the first half of the last axis; the gate is the second half, b.
 * T5 v1.1 and Gemma use the tanh form of it, Stable Diffusion this one.
 *
 * Shazeer, "GLU Variants Improve Transformer", arXiv:2002.05202
 */
export const geglu = gatedUnit('geglu', gelu);
