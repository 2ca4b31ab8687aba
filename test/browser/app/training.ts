/**
 * The training that a page, a worker of one, and Node do alike. It imports the package by name, as users do.
 */
import {
  type Backend,
  type BackendOptions,
  manualSeed,
  prepareBackend,
  randomStream,
  tensor,
  useBackend,
} from 'scratchformer';
import { GPT } from 'scratchformer/models';
import { AdamW, decayGroups } from 'scratchformer/optimizers';
import { Trainer } from 'scratchformer/train';

export interface Result {
  readonly backend: Backend;
  /** Number of kernel calls whose work was shared with other threads. */
  readonly shared: number;
  readonly losses: readonly number[];
  /** Bits of all weights, as integers. */
  readonly bits: readonly number[];
}

const [STEPS, BATCH, CONTEXT, VOCABULARY] = [50, 8, 24, 19];

export async function train(options: BackendOptions): Promise<Result> {
  await prepareBackend({ build: options.build });
  const backend = useBackend('wasm', options);
  manualSeed(7);
  const model = new GPT({
    vocabSize: VOCABULARY,
    context: CONTEXT,
    layers: 2,
    heads: 3,
    width: 45, // fills no vector
    dropout: 0.1,
    bias: true,
  });
  const shared = await sharedCalls(() => model.loss(...batch()).backward(), backend.threads);
  manualSeed(8);
  const losses: number[] = [];
  await new Trainer({
    model,
    optimizer: new AdamW(decayGroups(model, { weightDecay: 0.1 }), { lr: 3e-3 }),
    nextBatch() {
      const [inputs, targets] = batch();
      return { inputs, targets };
    },
    steps: STEPS,
    clip: 0.5,
    hooks: [({ loss }) => void losses.push(loss)],
  }).run();
  const bits = model.parameters().flatMap((parameter) => {
    const { buffer, byteOffset, length } = parameter.toTypedArray();
    return [...new Int32Array(buffer, byteOffset, length)];
  });
  return { backend, shared: shared(), losses, bits };
}

function batch() {
  const random = randomStream('tokens');
  const rows = Array.from({ length: BATCH }, () => {
    const start = Math.floor(random() * VOCABULARY);
    return Array.from({ length: CONTEXT + 1 }, (_, i) => (start + 3 * i) % VOCABULARY);
  });
  const part = (from: number, to: number) =>
    tensor(
      rows.map((row) => row.slice(from, to)),
      { dtype: 'int32' },
    );
  return [part(0, CONTEXT), part(1, CONTEXT + 1)] as const;
}

/**
 * Counts from here on how often a call is shared, which nothing but a shared call stores an atomic word for;
 * repeats `body` until the first one, if there are several threads: they start while the event loop turns.
 */
async function sharedCalls(body: () => void, threads: number): Promise<() => number> {
  let count = 0;
  const { store } = Atomics;
  Object.assign(Atomics, {
    store(...args: Parameters<typeof store>) {
      count++;
      return store(...args);
    },
  });
  do {
    body();
    await new Promise((resolve) => setTimeout(resolve, 5));
  } while (threads > 1 && count === 0);
  return () => count;
}
