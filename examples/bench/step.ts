/** The training step that is measured; gpt_pytorch.py does the same one in PyTorch. */
import { manualSeed, randomStream } from 'scratchformer';
import { randomBatch } from 'scratchformer/data';
import { GPT } from 'scratchformer/models';
import { AdamW, decayGroups } from 'scratchformer/optimizers';
import { clipGradNorm } from 'scratchformer/train';
import type { Config } from './configs.ts';

/**
 * A fresh model, and its step: batch, forward, backward, clipping, AdamW with decay groups, loss read back.
 */
export function training({ batchSize, ...config }: Config): { model: GPT; step: () => number } {
  manualSeed(1);
  const random = randomStream('tokens');
  const tokens = Int32Array.from({ length: 100_000 }, () => Math.floor(random() * config.vocabSize));
  const model = new GPT(config);
  const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.1 }), { lr: 1e-3, betas: [0.9, 0.99] });
  const step = () => {
    const { inputs, targets } = randomBatch(tokens, { batchSize, context: config.context });
    const loss = model.loss(inputs, targets);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    return loss.item();
  };
  return { model, step };
}

export function countParameters(model: GPT): number {
  return model.parameters().reduce((total, { size }) => total + size, 0);
}
