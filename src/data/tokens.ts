/** Batches cut from one long sequence of tokens: random windows to train on, all in order to evaluate on. */
import {
  check,
  checkFunctions,
  checkRoom,
  checkWhole,
  display,
  heapArray,
  type RandomStream,
  randomBelow,
  randomStream,
  required,
  Tensor,
  withDefaults,
} from '../tensor/index.ts';
import type { DocumentStarts } from './documentStarts.ts';

/** A sequence of tokens: an Int32Array is one, others read theirs from files. */
export interface Tokens {
  readonly length: number;
  /** The tokens from `start` to before `end`. */
  subarray(start: number, end: number): Int32Array;
}

/** Inputs and targets, int32 (B, T); `targets[b, t]` is the token that follows `inputs[b, 0…t]`. */
export interface Batch {
  readonly inputs: Tensor;
  readonly targets: Tensor;
}

/** A batch for evaluation: targets that do not count are −100, the `ignoreIndex` of `crossEntropy`. */
export interface ScoredBatch extends Batch {
  /** Number of targets that count. The loss of a whole text is Σ loss·scored / Σ scored. */
  readonly scored: number;
}

/** The options of `randomBatch`. */
export interface BatchOptions {
  /** B, windows in a batch. */
  readonly batchSize: number;
  /** T, tokens in a window. */
  readonly context: number;
  /** Random numbers in [0, 1). Default: the stream 'batch'. */
  readonly random?: RandomStream | undefined;
  /** Aligns windows to documents: each starts where one does, or whole windows after that. Default: anywhere. */
  readonly documents?: DocumentStarts | undefined;
}

/** The options of `windows`. */
export interface WindowOptions {
  /** T, tokens in a window. */
  readonly context: number;
  /**
   * Tokens from the start of one window to that of the next, 1 to `context`. Default `context`: windows do
   * not overlap.
   */
  readonly stride?: number | undefined;
  /** B, windows in a batch; the last batch may have fewer. Default 1. */
  readonly batchSize?: number;
}

const IGNORED = -100;

/** Splits off the last `share` of the tokens for validation: two views, no copy. */
export function split(tokens: Int32Array, share: number): { train: Int32Array; validation: Int32Array } {
  checkTokens('split', tokens);
  check(share > 0 && share < 1, 'split', 'the share for validation lies between 0 and 1', () => `${share}`);
  const validation = Math.round(tokens.length * share);
  const train = tokens.length - validation;
  check(
    train > 0 && validation > 0,
    'split',
    'both parts have at least one token',
    () => `${train} for training and ${validation} for validation`,
  );
  return { train: tokens.subarray(0, train), validation: tokens.subarray(train) };
}

/** B windows of T tokens, each starting anywhere, all starts equally likely (but for `documents`). */
export function randomBatch(tokens: Tokens, options: BatchOptions): Batch {
  const {
    batchSize,
    context,
    random = randomStream('batch'),
    documents,
  } = withDefaults<Required<BatchOptions>>('randomBatch', options, {
    batchSize: required,
    context: required,
    random: undefined,
    documents: undefined,
  });
  checkFunctions('randomBatch', { random });
  checkSizes('randomBatch', tokens, { batchSize, context });
  checkRoom('randomBatch', 'int32', [batchSize, context]);
  const starts = Array.from({ length: batchSize }, () => randomBelow(tokens.length - context, random));
  return cut(tokens, documents ? starts.map((start) => aligned(start, documents, context)) : starts, context);
}

/** The start of the window of its document that the token belongs to. */
function aligned(position: number, documents: DocumentStarts, context: number): number {
  const start = documents.startOf(position);
  return position - ((position - start) % context);
}

/**
 * Every window of T tokens in order, for exact evaluation: each token but the first is a target that counts
 * exactly once. Windows start every `stride` tokens; the first scores all its targets, each later one only
 * those that the windows before it did not reach (the last `stride`), so that these have at least T − stride
 * tokens of history. The last window ends with the text and may overlap more.
 *
 * stride = T is fastest; a smaller stride gives every target more context, and with it a lower, truer loss.
 */
export function windows(tokens: Tokens, options: WindowOptions): Generator<ScoredBatch> {
  const defaults = { context: required, stride: undefined, batchSize: 1 };
  const all = withDefaults<Required<WindowOptions>>('windows', options, defaults);
  const { context, stride = context, batchSize } = all;
  checkSizes('windows', tokens, { context, stride, batchSize });
  check(
    stride <= context,
    'windows',
    'stride is at most context (else targets are skipped)',
    () => `stride ${stride} for context ${context}`,
  );
  return scoredBatches(tokens, context, stride, batchSize);
}

/**
 * The generator behind `windows`, which is none itself so that it checks its options when it is called.
 */
function* scoredBatches(
  tokens: Tokens,
  context: number,
  stride: number,
  batchSize: number,
): Generator<ScoredBatch> {
  const lastStart = tokens.length - 1 - context;
  const count = Math.ceil(lastStart / stride) + 1;
  for (let first = 0; first < count; first += batchSize) {
    const length = Math.min(batchSize, count - first);
    const starts = Array.from({ length }, (_, row) => Math.min((first + row) * stride, lastStart));
    const batch = cut(tokens, starts, context);
    let scored = length * context;
    for (const [row, start] of starts.entries()) {
      // the last target scored so far
      const reached = first + row === 0 ? 0 : (first + row - 1) * stride + context;
      const done = Math.max(0, reached - start);
      batch.targets.data.fill(IGNORED, row * context, row * context + done);
      scored -= done;
    }
    yield { ...batch, scored };
  }
}

/** The windows that start there. */
export function cut(tokens: Tokens, starts: readonly number[], context: number): Batch {
  const shape = [starts.length, context];
  const [inputs, targets] = [heapArray('batch', 'int32', shape), heapArray('batch', 'int32', shape)];
  for (const [row, start] of starts.entries()) {
    const window = tokens.subarray(start, start + context + 1);
    inputs.set(window.subarray(0, context), row * context);
    targets.set(window.subarray(1), row * context);
  }
  return { inputs: Tensor.over(inputs, shape), targets: Tensor.over(targets, shape) };
}

/** Whether a value is tokens. A Uint8Array is none: its `subarray` gives no Int32Array. */
export function areTokens(value: unknown): value is Tokens {
  if (value instanceof Int32Array || ArrayBuffer.isView(value)) return value instanceof Int32Array;
  return typeof (value as Tokens | null)?.subarray === 'function';
}

function checkTokens(where: string, tokens: Tokens): void {
  check(
    areTokens(tokens),
    where,
    'tokens are an Int32Array',
    () => display(tokens),
    () => 'tokenizers give one; Int32Array.from(ids) makes one',
  );
}

export function checkSizes(
  where: string,
  tokens: Tokens,
  sizes: { context: number } & Record<string, number>,
): void {
  checkTokens(where, tokens);
  checkWhole(where, sizes, 1);
  check(
    tokens.length > sizes.context,
    where,
    `there are at least context + 1 = ${sizes.context + 1} tokens`,
    () => `${tokens.length}`,
    () => 'take a longer text or a smaller context',
  );
}
