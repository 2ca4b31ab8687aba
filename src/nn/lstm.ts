import { noGrad } from '../autograd/index.ts';
import { copy_, fill_, lstm } from '../ops/index.ts';
import { check, checkFinite, persistentZeros, type Tensor, withDefaults } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { type Init, initUniform } from './init.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** The options of the layer `LSTM`. */
export interface LSTMOptions {
  /** Probability with which, in training, an element of h keeps its previous value. Default 0. */
  readonly zoneoutHidden?: number;
  /** Probability with which, in training, an element of c keeps its previous value. Default 0. */
  readonly zoneoutCell?: number;
  /** Initial weights. Default U(±1/√H), PyTorch's. */
  readonly init?: Init;
  /** Initial bias. Default U(±1/√H) too. */
  readonly biasInit?: Init;
  /**
   * Number added to the initial bias of the forget gate. Default 1, so that a new cell remembers: it keeps
   * about σ(1) = 73 % of c in each step, and not half of it, and gradients reach that much further back.
   * PyTorch has 0.
   */
  readonly forgetBias?: number;
}

/** The options of one call of an `LSTM`. */
export interface LSTMForwardOptions {
  /** Initial state; overwritten with the final state. Default: zeros, and nothing is kept. */
  readonly state?: LSTMState | undefined;
}

/**
 * Long short-term memory with zoneout: reads a sequence step by step into a state (h, c). The formulas are in
 * the op, `lstm`.
 *
 * Parameters: weightIH (4H, C), weightHH (4H, H), bias (4H), in the order i, f, g, o; all U(±1/√H), plus
 * `forgetBias`. (PyTorch has two biases, of which only the sum counts.) Shapes: (B, T, C) → (B, T, H), h
 * after each step.
 *
 *     new LSTM(64, 128, { zoneoutCell: 0.5, zoneoutHidden: 0.05 }).forward(x)
 *
 * Hochreiter & Schmidhuber, "Long Short-Term Memory", 1997; Krueger et al., "Zoneout", arXiv:1606.01305; a
 * forget bias of 1: Jozefowicz, Zaremba & Sutskever, "An Empirical Exploration of Recurrent Network
 * Architectures", 2015
 */
export class LSTM extends Module {
  readonly weightIH: Parameter;
  readonly weightHH: Parameter;
  readonly bias: Parameter;
  readonly zoneoutHidden: number;
  readonly zoneoutCell: number;

  constructor(inputs: number, hidden: number, options: LSTMOptions = {}) {
    super();
    checkSize('LSTM', { inputs, hidden });
    const bound = 1 / Math.sqrt(hidden);
    const all = withDefaults<Required<LSTMOptions>>('LSTM', options, {
      zoneoutHidden: 0,
      zoneoutCell: 0,
      init: initUniform(-bound, bound),
      biasInit: initUniform(-bound, bound),
      forgetBias: 1,
    });
    const { zoneoutHidden, zoneoutCell, init, biasInit, forgetBias } = all;
    for (const [name, p] of Object.entries({ zoneoutHidden, zoneoutCell })) {
      check(p >= 0 && p < 1, 'LSTM', `${name} lies in [0, 1)`, () => `${p}`);
    }
    checkFinite('LSTM', { forgetBias });
    this.weightIH = new Parameter(init([4 * hidden, inputs]), { role: 'weight' });
    this.weightHH = new Parameter(init([4 * hidden, hidden]), { role: 'weight' });
    this.bias = new Parameter(biasInit([4 * hidden]), { role: 'bias' });
    for (let i = hidden; i < 2 * hidden; i++) this.bias.data[i]! += forgetBias;
    this.zoneoutHidden = zoneoutHidden;
    this.zoneoutCell = zoneoutCell;
  }

  forward(x: Tensor, options: LSTMForwardOptions = {}): Tensor {
    const { state } = withDefaults<{ state: LSTMState | null }>('LSTM', options, { state: null });
    const { zoneoutHidden, zoneoutCell, training } = this;
    const settings = { zoneoutHidden, zoneoutCell, training, h0: state?.h ?? null, c0: state?.c ?? null };
    const { hidden, h, c } = lstm(x, this.weightIH, this.weightHH, this.bias, settings);
    state?.set(h, c);
    return hidden;
  }
}

/**
 * h and c of an LSTM between two calls, as plain numbers. They serve generation and, in training, truncated
 * backpropagation through time, because no gradient flows through them.
 */
export class LSTMState {
  readonly h: Tensor;
  readonly c: Tensor;

  /** Makes a state of zeros. @param shape (B, H) */
  constructor(shape: readonly [B: number, H: number]) {
    this.h = persistentZeros(shape);
    this.c = persistentZeros(shape);
  }

  set(h: Tensor, c: Tensor): void {
    noGrad(() => [copy_(this.h, h), copy_(this.c, c)]);
  }

  /** Sets the state back to zeros. */
  reset(): void {
    for (const part of [this.h, this.c]) fill_(part, 0);
  }

  /**
   * Hands the memory back: the state is unusable then. Optional: the garbage collector does it eventually.
   */
  release(): void {
    this.h.storage.release();
    this.c.storage.release();
  }
}
