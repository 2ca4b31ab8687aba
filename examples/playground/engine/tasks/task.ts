/** What a model learns: where its batches come from, how far its loss can fall, and whether what it writes is right. */
import type { RandomStream } from 'scratchformer';
import type { Batch } from 'scratchformer/data';
import type { GPT } from 'scratchformer/models';

export interface Task {
  /** The characters that tokens stand for. */
  readonly vocabulary: readonly string[];
  /** T, positions that a model of it sees. */
  readonly context: number;
  /** Loss of a model that gives every token the same probability, nats per predicted token: ln V. */
  readonly guessing: number;
  /** The loss that no model can expect to fall below, in the same unit; null where nobody knows it. */
  readonly exact: number | null;
  /** A batch, drawn from the random stream 'task' unless another is given. */
  nextBatch(batchSize: number, random?: RandomStream): Batch;
  /** Some text of the model, from the random stream 'sample', which nothing else draws from. */
  write(model: GPT): Sample[];
}

/** What a model has written. */
export interface Sample {
  readonly given: string;
  readonly written: string;
  /** Whether it is right; null where there is no right or wrong. */
  readonly right: boolean | null;
  /** Why it is wrong, in words, or nothing. */
  readonly note: string;
}
