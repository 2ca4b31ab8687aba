/** Every number of one forward and backward pass, as plain data that a worker can hand to a page. */

/** A tensor, and where its gradient comes from. */
export interface PicturedTensor {
  readonly id: number;
  /** `blocks.0.norm1.gain` for a parameter; for a result, the layer that made it. */
  readonly name: string;
  readonly kind: 'parameter' | 'result' | 'data' | 'attention weights';
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** dL/d(value); null where none flows. */
  readonly gradient: Float32Array | null;
  /** Summands of the gradient, one for each use of the tensor. */
  readonly summands: readonly Summand[];
  /** The call that made it; null for parameters and data. */
  readonly madeBy: number | null;
}

/** What one use of a tensor adds to its gradient. */
export interface Summand {
  readonly call: number;
  /** Which of the call's inputs the tensor is. */
  readonly input: number;
  readonly values: Float32Array;
}

/** One call of an op. */
export interface PicturedCall {
  readonly id: number;
  readonly op: string;
  /** The layer that made the call, `blocks.0.attention.query`; '' for the model itself. */
  readonly layer: string;
  readonly inputs: readonly number[];
  readonly output: number;
  /** The weights inside a call of attention. */
  readonly weights: number | null;
}

export interface Picture {
  /** What the model has read, position by position, and what it should predict there (null: nothing). */
  readonly read: readonly string[];
  readonly wanted: readonly (string | null)[];
  readonly loss: number;
  readonly tensors: readonly PicturedTensor[];
  /** In the order in which they ran. */
  readonly calls: readonly PicturedCall[];
}

export function tensorOf({ tensors }: Picture, id: number): PicturedTensor {
  return tensors[id]!;
}

export function callOf({ calls }: Picture, id: number): PicturedCall {
  return calls[id]!;
}
