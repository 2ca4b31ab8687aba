import { elementwise } from './elementwise.ts';

/** The exponential eˣ: dx = dy ⊙ y. */
export const exp = elementwise({ name: 'exp', f: Math.exp, df: (_x, y) => y });

/** Natural logarithm: dx = dy / x. −∞ at 0, NaN below. */
export const log = elementwise({ name: 'log', f: Math.log, df: (x) => 1 / x });
