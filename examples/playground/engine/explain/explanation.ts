/** How one number came about. */
import type { Picture, PicturedCall, PicturedTensor } from '../picture.ts';

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

/** A call, with what its op needs to explain itself. */
export interface Scene {
  readonly picture: Picture;
  readonly call: PicturedCall;
  readonly inputs: readonly PicturedTensor[];
  readonly output: PicturedTensor;
}

/** What an op knows of its numbers: where a result came from, and what a gradient hands to an input. */
export interface Explainer {
  forward(scene: Scene, index: number): Explanation;
  /** The op's summand of the gradient of input `input` at `index`. */
  backward?(scene: Scene, input: number, index: number): Explanation | null;
}

export function sceneOf(picture: Picture, call: PicturedCall): Scene {
  const at = (id: number) => picture.tensors[id]!;
  return { picture, call, inputs: call.inputs.map(at), output: at(call.output) };
}

/** The value at a place of a tensor. */
export const valueAt = (label: string, { id, values }: PicturedTensor, index: number): Factor => ({
  label,
  value: values[index]!,
  place: { tensor: id, index, gradient: false },
});

/** The gradient at a place of a tensor. */
export const gradientAt = (label: string, { id, gradient }: PicturedTensor, index: number): Factor => ({
  label,
  value: gradient?.[index] ?? 0,
  place: { tensor: id, index, gradient: true },
});

export const product = (term: Term): number => term.reduce((sofar, { value }) => sofar * value, 1);

/** A sum of products. */
export function sumOf(formula: string, terms: readonly Term[], others: readonly Factor[] = []): Explanation {
  const result = terms.reduce((sum, term) => sum + product(term), 0);
  return { formula, terms, others, result };
}

/** The length of the last axis. */
export const lastOf = ({ shape }: PicturedTensor): number => shape.at(-1) ?? 1;

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
