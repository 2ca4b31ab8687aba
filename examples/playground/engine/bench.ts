/** The activation bench: curves by the library's own forward and backward, and a small net trained with one. */
import {
  type ActivationFunction,
  activationByName,
  gelu,
  Linear,
  Module,
  manualSeed,
  mse,
  noGrad,
  Sequential,
  stochasticGelu,
  sum,
  type Tensor,
  tensor,
} from 'scratchformer';
import { type ActivationName, activationNames, initNormal } from 'scratchformer/nn';
import { AdamW } from 'scratchformer/optimizers';

export interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly slope: readonly number[];
}

/** The activations of one number: gates take two, and one draws at random. */
export const benchNames: readonly ActivationName[] = activationNames().filter((name) => {
  const activation = activationByName(name);
  return !activation.gated && !activation.stochastic;
});

/** Places from −4 to 4. */
const grid = (count: number) => Array.from({ length: count }, (_, i) => -4 + (8 * i) / (count - 1));

/** An activation and its derivative, which is what backward sends to x when 1 comes to y. */
export function curveOf(activation: (x: Tensor) => Tensor, places: readonly number[] = grid(161)): Curve {
  const x = tensor([...places], { dtype: 'float64', requiresGrad: true });
  const y = activation(x);
  const values = [...y.toTypedArray()];
  sum(y).backward();
  return { x: places, y: values, slope: [...x.grad!.toTypedArray()] };
}

/** Value and derivative of an activation in one place. */
export function curveAt(activation: (x: Tensor) => Tensor, place: number): { y: number; slope: number } {
  const { y, slope } = curveOf(activation, [place]);
  return { y: y[0]!, slope: slope[0]! };
}

export const namedCurve = (name: ActivationName): Curve => curveOf(activationByName(name));

/** x·Φ(x/σ): GELU with a gate of another width; 0 is ReLU. */
export const gateCurve = (sigma: number): Curve => curveOf((x) => gelu(x, { sigma }));

/** What the stochastic gate, of which GELU is the mean, lets through: one draw for each x. */
export function gateDots(count: number, seed: number): { x: number[]; y: number[] } {
  manualSeed(seed);
  const x = grid(count);
  return { x, y: noGrad(() => [...stochasticGelu(tensor(x)).toTypedArray()]) };
}

export interface BenchSettings {
  readonly activation: ActivationName;
  readonly steps: number;
  readonly seed: number;
}

/** The curve that the nets learn: waves that grow steeper. */
export const target = (x: number): number => Math.sin(x) + 0.4 * Math.sin(3 * x) + 0.15 * x;

const WIDTH = 24;

class Activated extends Module {
  readonly #activation: ActivationFunction;

  constructor(name: ActivationName) {
    super();
    this.#activation = activationByName(name);
  }

  forward(x: Tensor): Tensor {
    return this.#activation(x);
  }
}

/** Trains a net of two hidden layers on the target; its losses, and the curve that it has learnt. */
export function trainBench({ activation, steps, seed }: BenchSettings) {
  manualSeed(seed);
  const init = initNormal(0.5);
  const layer = (inputs: number, outputs: number) => new Linear(inputs, outputs, { init });
  const act = () => new Activated(activation);
  const net = new Sequential(layer(1, WIDTH), act(), layer(WIDTH, WIDTH), act(), layer(WIDTH, 1));
  const optimizer = new AdamW(net.parameters(), { lr: 0.01, weightDecay: 0 });
  const places = grid(81);
  const column = (values: number[]) => tensor(values.map((value) => [value]));
  const [x, y] = [column(places), column(places.map(target))];
  const losses = Array.from({ length: steps }, () => {
    const loss = mse(net.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss.item();
  });
  return {
    losses,
    x: places,
    y: noGrad(() => [...net.forward(x).toTypedArray()]),
    target: places.map(target),
  };
}
