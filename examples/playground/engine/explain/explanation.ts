/** How ops explain their numbers. */
import type { Picture, PicturedCall, PicturedTensor } from '../picture.ts';
import { type Explanation, type Factor, product, type Term } from './terms.ts';

export type { Explanation, Factor, Place, Term } from './terms.ts';

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

/** A sum of products. */
export function sumOf(formula: string, terms: readonly Term[], others: readonly Factor[] = []): Explanation {
  const result = terms.reduce((sum, term) => sum + product(term), 0);
  return { formula, terms, others, result };
}

/** The length of the last axis. */
export const lastOf = ({ shape }: PicturedTensor): number => shape.at(-1) ?? 1;

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
