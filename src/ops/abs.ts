import { elementwise } from './elementwise.ts';

/** The absolute value |x|: dx = dy ⊙ sign x, and 0 at the kink. */
export const abs = elementwise({ name: 'abs', f: Math.abs, df: Math.sign });
