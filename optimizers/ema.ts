import { kernels } from '../src/kernels/index.ts';
import { Parameter } from '../src/nn/parameter.ts';
import { check, display, type Tensor, withDefaults } from '../src/tensor/index.ts';
import { checkAlike, copyOf, type SavedTensors, withTemporaries, zerosLike } from './state.ts';

/** The options of `EMA`. */
export interface EMAOptions {
  /** Decay β of the averages: they span about 1/(1 − β) steps. Default 0.999. */
  readonly decay?: number;
  /**
   * Whether the weights of the terms are divided by their sum, 1 − βᵗ, as in Adam's moments: so the weights
   * of the start are soon forgotten. Default false, PyTorch's: the first update counts for all before it.
   */
  readonly biasCorrection?: boolean;
}

/** The state of an `EMA`, as `stateDict` returns it: tensors by the place of their parameter, plain data. */
export type EMAState = SavedTensors & { readonly kind: 'EMA'; readonly updates: number };

/**
 * Exponential moving average of weights, which often does better than the weights themselves.
 *
 *   s ← s + (1 − β)(w − s)                    s ← w in the first update
 *   s ← s + (1 − β)/(1 − βᵗ)·(w − s)          with bias correction, in update t
 *
 *     const ema = new EMA(model.parameters(), { decay: 0.99 });
 *     new Trainer({ …, hooks: [() => ema.update()] });                  after each step
 *     ema.apply(() => evaluateLoss(model, tokens, { context }));        with the averages for weights
 *
 * As torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn. Polyak & Juditsky, "Acceleration of
 * Stochastic Approximation by Averaging", 1992; Kingma & Ba, arXiv:1412.6980, section 7.2, for the correction
 */
export class EMA {
  readonly parameters: readonly Parameter[];
  readonly decay: number;
  readonly biasCorrection: boolean;
  readonly #averages: readonly Tensor[];
  #updates = 0;
  #swapped = false;

  constructor(parameters: readonly Parameter[], options: EMAOptions = {}) {
    const { decay, biasCorrection } = withDefaults<Required<EMAOptions>>('EMA', options, {
      decay: 0.999,
      biasCorrection: false,
    });
    check(decay >= 0 && decay < 1, 'EMA', 'decay lies in [0, 1)', () => `${decay}`);
    check(
      Array.isArray(parameters) &&
        parameters.length > 0 &&
        parameters.every((one) => one instanceof Parameter),
      'EMA',
      'the first argument is a list of parameters',
      () => display(parameters),
      () => 'pass model.parameters()',
    );
    this.parameters = [...new Set(parameters)];
    this.decay = decay;
    this.biasCorrection = biasCorrection;
    this.#averages = this.parameters.map(zerosLike);
    for (const [i, { values }] of this.parameters.entries()) this.#averages[i]!.data.set(values);
  }

  /** The number of updates so far. */
  get updates(): number {
    return this.#updates;
  }

  /** Takes the weights as they are now into the averages: call it after each step. */
  update(): void {
    this.#checkAtHome('update');
    const t = ++this.#updates;
    const share = (1 - this.decay) / (this.biasCorrection ? 1 - this.decay ** t : 1);
    for (const [i, { memory }] of this.parameters.entries()) {
      const average = this.#averages[i]!.memory;
      if (t === 1) kernels.blend(average, memory, null, 1, 0);
      else kernels.approach(average, memory, share);
    }
  }

  /** Exchanges weights and averages; a second call brings back the very bits. */
  swap(): void {
    for (const [i, { memory, storage }] of this.parameters.entries()) {
      const average = this.#averages[i]!.memory;
      withTemporaries(memory, [memory.length], (weights) => {
        kernels.blend(weights, memory, null, 1, 0);
        kernels.blend(memory, average, null, 1, 0);
        kernels.blend(average, weights, null, 1, 0);
      });
      storage.version++;
    }
    this.#swapped = !this.#swapped;
  }

  /** Runs `body`, which is synchronous, with the averages for weights; afterwards the weights are back. */
  apply<R>(body: () => R): R {
    this.#checkAtHome('apply');
    this.swap();
    try {
      const result = body();
      check(
        !(result instanceof Promise),
        'EMA.apply',
        'the function is synchronous',
        () => 'a promise',
        () => 'call swap before and after what is awaited',
      );
      return result;
    } finally {
      this.swap();
    }
  }

  /** Copies of the averages and the number of updates: enough to continue bit for bit. */
  stateDict(): EMAState {
    this.#checkAtHome('stateDict');
    const tensors = this.#averages.map((average, i): [string, Tensor] => [`${i}`, copyOf(average)]);
    return { kind: 'EMA', updates: this.#updates, tensors: new Map(tensors) };
  }

  /** Continues from `state`; all of it is checked before anything changes. */
  loadStateDict(state: SavedTensors): void {
    const where = 'EMA.loadStateDict';
    this.#checkAtHome('loadStateDict');
    const { kind, updates, tensors } = state as EMAState;
    check(
      kind === 'EMA' &&
        Number.isInteger(updates) &&
        tensors instanceof Map &&
        tensors.size === this.#averages.length,
      where,
      `the state is that of an EMA of ${this.#averages.length} parameters`,
      () => display(state),
    );
    const saved = this.#averages.map((average, i) => {
      const tensor = tensors.get(`${i}`);
      checkAlike(where, `average ${i}`, tensor, average);
      return tensor.toTypedArray();
    });
    for (const [i, values] of saved.entries()) this.#averages[i]!.data.set(values);
    this.#updates = updates;
  }

  #checkAtHome(method: string): void {
    const hint = () => 'call swap once more before';
    const good = !this.#swapped;
    check(
      good,
      `EMA.${method}`,
      'the weights are in the model',
      () => 'the averages there, since swap',
      hint,
    );
  }
}
