import { elementwise } from './elementwise.ts';

/** The square x²: dx = dy ⊙ 2x. */
export const square = elementwise({ name: 'square', f: (x) => x * x, df: (x) => 2 * x });

/** The square root √x: dx = dy / 2√x, infinite at 0. NaN below. */
export const sqrt = elementwise({ name: 'sqrt', f: Math.sqrt, df: (_x, y) => 0.5 / y });
