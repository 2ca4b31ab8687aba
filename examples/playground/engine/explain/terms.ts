/** How one number came about: plain data. */

/** One number of a picture, of its values or of its gradients. */
export interface Place {
  readonly tensor: number;
  readonly index: number;
  readonly gradient: boolean;
}

/** A number of a formula: one of the picture, or one computed for it. */
export interface Factor {
  readonly label: string;
  readonly value: number;
  readonly place?: Place;
}

/** A product of numbers. */
export type Term = readonly Factor[];

export interface Explanation {
  /** In words of mathematics: y = Σ x·w + b. */
  readonly formula: string;
  /** What is added up; where nothing is, one term. */
  readonly terms: readonly Term[];
  /** Other numbers of the formula. */
  readonly others: readonly Factor[];
  /** What the formula gives, in float64. */
  readonly result: number;
}

export const product = (term: Term): number => term.reduce((sofar, { value }) => sofar * value, 1);
