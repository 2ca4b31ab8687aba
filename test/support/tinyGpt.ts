/**
 * A GPT small enough to be trained by the hundred, with every kernel of a real one in it, at sizes that fill
 * no block.
 */
import { setTimeout } from 'node:timers/promises';
import { GPT } from '../../models/gpt.ts';
import { AdamW, decayGroups } from '../../optimizers/index.ts';
import { currentThreads } from '../../src/kernels/wasm/call.ts';
import { type FloatArray, manualSeed, randomStream, type Tensor, tensor } from '../../src/tensor/index.ts';
import { clipGradNorm } from '../../src/train/index.ts';

const [VOCABULARY, BATCH, CONTEXT] = [13, 3, 11];

export function tinyGpt(): GPT {
  manualSeed(7);
  return new GPT({
    vocabSize: VOCABULARY,
    context: CONTEXT,
    layers: 2,
    heads: 3,
    width: 21,
    dropout: 0.1,
    bias: true,
  });
}

export function tinyBatch(): [inputs: Tensor, targets: Tensor] {
  const random = randomStream('tokens');
  const tokens = Array.from({ length: BATCH }, () =>
    Array.from({ length: CONTEXT + 1 }, () => Math.floor(random() * VOCABULARY)),
  );
  const part = (start: number, end: number) =>
    tensor(
      tokens.map((row) => row.slice(start, end)),
      { dtype: 'int32' },
    );
  return [part(0, CONTEXT), part(1, CONTEXT + 1)];
}

/**
 * Returns the step function of a training: batch, forward, backward, clipping, AdamW; it returns the loss
 * tensor.
 */
export function trainingOf(model: GPT): () => Tensor {
  const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.1 }), { lr: 3e-3 });
  return () => {
    const loss = model.loss(...tinyBatch());
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    return loss;
  };
}

/** All weights after that many steps from the same start, one after the other. */
export function trainedWeights(steps: number): FloatArray {
  const model = tinyGpt();
  const step = trainingOf(model);
  for (let i = 0; i < steps; i++) step();
  return Float32Array.from(model.parameters().flatMap((parameter) => [...parameter.toTypedArray()]));
}

/** Until then the main thread works alone. */
export async function threadsAreUp(): Promise<void> {
  while (!currentThreads().ready()) await setTimeout(5);
}
