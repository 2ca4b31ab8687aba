import { type WindowOptions, windows } from '../data/tokens.ts';
import { inference } from '../nn/index.ts';
import type { Trainable } from './trainer.ts';

/**
 * Mean loss (nats per token) of a language model over a whole text: every token but the first counts once,
 * and, with a stride below the context, each is predicted from at least context − stride tokens before it
 * (once so many exist).
 */
export function evaluateLoss(model: Trainable, tokens: Int32Array, options: WindowOptions): number {
  let total = 0;
  let count = 0;
  for (const { inputs, targets, scored } of windows(tokens, options)) {
    total += scored * inference(model, () => model.loss(inputs, targets).item());
    count += scored;
  }
  return total / count;
}
