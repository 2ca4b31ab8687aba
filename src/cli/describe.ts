import type { GPT } from '../../models/gpt.ts';
import { backward } from '../autograd/index.ts';
import type { Batch } from '../data/index.ts';
import { init } from '../distributed/index.ts';
import { backendInUse } from '../kernels/index.ts';
import type { Run } from './build.ts';
import type { Corpus } from './corpus.ts';
import { duration } from './progress.ts';
import { unitOf } from './tokenizer.ts';

/** Prints what will be trained, and how long it will take. */
export function describe(
  { config, model, groups }: Run,
  corpus: Corpus,
  steps: number,
  nextBatch: () => Batch,
): void {
  const count = (value: number) => value.toLocaleString('en-US');
  const { layers, heads, width, context, activation } = model.options;
  const unit = unitOf(corpus.tokenizer);
  console.log(
    `data: ${corpus.name}, ${count(corpus.train.length)} ${unit}s, ${count(model.options.vocabSize)} different ones`,
  );
  console.log(
    `model: GPT, ${layers} layers, ${heads} heads, width ${width}, context ${context}, ${activation}`,
  );
  console.log(groups);
  const { name, why } = backendInUse();
  console.log(`kernels: ${name} (${why})`);
  const { accumulate, batchSize } = config;
  const own = Math.ceil(accumulate / init().size); // batches of this rank
  const estimate = duration(1.1 * secondsPerStep(model, nextBatch) * own * steps);
  const batches = accumulate > 1 ? `${accumulate} × ${batchSize}` : batchSize;
  console.log(
    `training: ${count(steps)} steps of ${batches} × ${context} ${unit}s, about ${estimate} on this machine`,
  );
  console.log('Ctrl-C stops after the current step and saves\n');
}

/** Seconds of a step, of a few tried without the update: the first are slow, while the engine compiles. */
function secondsPerStep(model: GPT, nextBatch: () => Batch): number {
  const seconds: number[] = [];
  const began = performance.now();
  while (seconds.length < 5 || (seconds.length < 100 && performance.now() - began < 1500)) {
    const start = performance.now();
    const { inputs, targets } = nextBatch();
    backward(model.loss(inputs, targets));
    seconds.push((performance.now() - start) / 1000);
  }
  model.zeroGrad();
  return seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 4)]!;
}
