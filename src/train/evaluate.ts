import { areTokens, type Tokens, type WindowOptions, windows } from '../data/tokens.ts';
import { inference, type Module } from '../nn/index.ts';
import { check, checkFunctions, required, type Tensor, withDefaults } from '../tensor/index.ts';
import { checkTrainable, lossOf, type Trainable } from './trainerOptions.ts';

/** The options of `evaluateLoss` over batches. */
export interface EvaluateOptions<B> {
  /** Counts what the loss of a batch is the mean of, such as its images: the weight of the batch. */
  readonly units: (batch: B) => number;
  /** Computes the loss of a batch. Default: the model's own, of { inputs, targets }. */
  readonly loss?: ((batch: B) => Tensor) | undefined;
}

/**
 * Mean loss of a model in evaluation mode, Σ units·loss / Σ units over batches, without gradients.
 *
 * A text gives nats per token: every token but the first counts once, and, with a stride below the context,
 * each is predicted from at least context − stride tokens before it (once so many exist).
 */
export function evaluateLoss(model: Trainable, tokens: Tokens, options: WindowOptions): number;
export function evaluateLoss<B>(model: Module, batches: Iterable<B>, options: EvaluateOptions<B>): number;
export function evaluateLoss<B>(
  model: Module,
  data: Tokens | Iterable<B>,
  options: WindowOptions | EvaluateOptions<B>,
): number {
  if (!areTokens(data)) return meanLoss(model, data, options as EvaluateOptions<B>);
  return meanLoss(model, windows(data, options as WindowOptions), { units: ({ scored }) => scored });
}

function meanLoss<B>(model: Module, batches: Iterable<B>, options: EvaluateOptions<B>): number {
  const { units, loss } = withDefaults<Required<EvaluateOptions<B>>>('evaluateLoss', options, {
    units: required,
    loss: undefined,
  });
  checkTrainable('evaluateLoss', model, loss);
  checkFunctions('evaluateLoss', { units });
  let total = 0;
  let count = 0;
  for (const batch of batches) {
    const weight = units(batch);
    total += weight * inference(model, () => lossOf(model, loss, batch).item());
    count += weight;
  }
  check(count > 0, 'evaluateLoss', 'there is at least one unit to evaluate', () => `${count}`);
  return total / count;
}
