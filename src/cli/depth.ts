import { check } from '../tensor/index.ts';
import type { Settings } from './config.ts';

/** Tokens read for each parameter of the blocks. */
const TOKENS_PER_PARAMETER = 20;

/**
 * The settings of a model of so many blocks that is worth its training. What is given stays, and what follows
 * from it follows from the given.
 *
 *   width    depth·(32 … 64)      a head for each block, of 32 channels up to depth 4, of 64 from depth 8 on
 *   lr       6e-4·√(768/width)    GPT-3's at its width; the fall with the root of the width is nanochat's
 *   initStd  1/√width, ≤ 0.12     so that a linear layer keeps the size of what it gets
 *   context  64·depth             from 128 to 1024
 *   batch    2·depth, ≥ 4         tokens in a step grow with depth², about as the root of all tokens does:
 *                                 larger batches would be wasted
 *   steps    20·N/tokens a step   N = 12·depth·width², the parameters of the blocks
 *
 * Brown et al., arXiv:2005.14165, table 2.1 (rate); Karpathy, nanochat (one dial, width 64·depth); Hoffmann
 * et al., arXiv:2203.15556 (20 tokens per parameter); Zhang et al., arXiv:2410.21676 (batch)
 */
export function recipe(depth: number, given: Settings): Settings {
  check(
    Number.isInteger(depth) && depth >= 1 && depth <= 64,
    'train --depth',
    'the depth is a whole number from 1 to 64',
    () => `${depth}`,
  );
  const { layers = depth, width = depth * between(32, 8 * depth, 64), accumulate = 1 } = given;
  const { context = between(128, 64 * depth, 1024), batchSize = Math.max(4, 2 * depth) } = given;
  const tokens = TOKENS_PER_PARAMETER * 12 * layers * width ** 2;
  const { steps = Math.max(1, Math.round(tokens / (batchSize * accumulate * context))) } = given;
  return {
    layers,
    heads: depth,
    width,
    context,
    initStd: rounded(Math.min(0.12, 1 / Math.sqrt(width))),
    lr: rounded(6e-4 * Math.sqrt(768 / width)),
    batchSize,
    steps,
    evalEvery: Math.max(1, Math.round(steps / 20)),
    ...given,
  };
}

/** The recipe in words. */
export function describeRecipe(depth: number, settings: Settings): string {
  const { layers, heads, width, context, initStd, lr, batchSize, accumulate = 1, steps } = settings;
  const batch = [...(accumulate > 1 ? [accumulate] : []), batchSize, context].join(' × ');
  const model = `layers ${layers} · heads ${heads} · width ${width} · initStd ${initStd}`;
  const training = `lr ${lr} · ${steps!.toLocaleString('en-US')} steps of ${batch} tokens`;
  return `recipe of depth ${depth}: ${model} · ${training}`;
}

const between = (least: number, value: number, most: number) => Math.min(most, Math.max(least, value));
const rounded = (value: number) => Number(value.toPrecision(2));
