import { gatedUnit } from '../internal/gatedUnit.ts';
import { sigmoid } from './sigmoid.ts';

/**
 * GLU, the gated linear unit: one half of the features decides how much of the other half passes.
 *
 *   y = a ⊙ σ(b),  [a, b] = x        da = dy ⊙ σ(b),  db = dy ⊙ a ⊙ σ′(b)
 *
 * Shapes: (…, 2F) → (…, F). The value a is the first half of the last axis; the gate is the second half, b,
 * as in torch.nn.functional.glu. Gated convolutional language models and Conformer use it.
 *
 * Dauphin, Fan, Auli & Grangier, "Language Modeling with Gated Convolutional Networks", arXiv:1612.08083
 */
export const glu = gatedUnit('glu', sigmoid);
