/**
 * Initial values. An `Init` makes a tensor of a shape; layers take one as an option. For a weight of shape
 * (out, in), fan-in is `in` and fan-out is `out`; for one of a convolution, (…window, in, out), both times
 * the size of the window. Numbers come from the random stream 'init'.
 */
import {
  check,
  checkFinite,
  checkWhole,
  full,
  normalSample,
  rand,
  randn,
  randomStream,
  type Shape,
  show,
  sizeOf,
  type Tensor,
  zeros,
} from '../tensor/index.ts';
import { sinusoids } from './sinusoids.ts';

/** A recipe for initial values: makes a tensor of the given shape. */
export type Init = (shape: Shape) => Tensor;

/** Zeros. */
export const initZeros: Init = (shape) => zeros(shape);

/** Ones. */
export const initOnes: Init = (shape) => full(shape, 1);

/** Normal: N(0, std²). GPT-2 uses 0.02 for every weight and embedding. */
export function initNormal(std = 0.02): Init {
  checkFinite('initNormal', { std }, 0);
  return (shape) => mapData(randn(shape), (z) => std * z);
}

/**
 * Truncated normal: N(0, std²) without the values beyond two standard deviations, which are drawn again:
 * BERT's, with 0.02.
 */
export function initTruncatedNormal(std = 0.02): Init {
  checkFinite('initTruncatedNormal', { std }, 0);
  const random = () => {
    for (;;) {
      const z = normalSample(randomStream('init'));
      if (Math.abs(z) <= 2) return z;
    }
  };
  return (shape) => mapData(zeros(shape), () => std * random());
}

/** Uniform: U(low, high). */
export function initUniform(low: number, high: number): Init {
  checkFinite('initUniform', { low, high });
  check(low <= high, 'initUniform', 'low ≤ high', () => `${low} and ${high}`);
  return (shape) => mapData(rand(shape), (u) => low + (high - low) * u);
}

/**
 * Xavier's uniform: U(−a, a) with a = gain·√(6/(in + out)). It keeps the variance both ways through a linear
 * or tanh layer. Glorot & Bengio 2010.
 */
export function initXavierUniform(gain = 1): Init {
  checkFinite('initXavierUniform', { gain }, 0);
  return (shape) => symmetric(gain * Math.sqrt(6 / (fans(shape).in + fans(shape).out)))(shape);
}

/** Xavier's normal: N(0, gain²·2/(in + out)). Glorot & Bengio 2010. */
export function initXavierNormal(gain = 1): Init {
  checkFinite('initXavierNormal', { gain }, 0);
  return (shape) => initNormal(gain * Math.sqrt(2 / (fans(shape).in + fans(shape).out)))(shape);
}

/** Kaiming's uniform: U(±gain·√(3/in)); gain √2 keeps the variance through ReLU. He et al. 2015. */
export function initKaimingUniform(gain = Math.SQRT2): Init {
  checkFinite('initKaimingUniform', { gain }, 0);
  return (shape) => symmetric(gain * Math.sqrt(3 / fans(shape).in))(shape);
}

/** Kaiming's normal: N(0, gain²/in). He et al. 2015. */
export function initKaimingNormal(gain = Math.SQRT2): Init {
  checkFinite('initKaimingNormal', { gain }, 0);
  return (shape) => initNormal(gain / Math.sqrt(fans(shape).in))(shape);
}

/**
 * GPT-2's normal for the projections that end a residual branch: N(0, std²/(2·layers)). Each of the 2·layers
 * branches adds to the residual stream, and this keeps the variance of the sum what it would be for one.
 */
export function initResidual(layers: number, std = 0.02): Init {
  checkWhole('initResidual', { layers }, 1);
  checkFinite('initResidual', { std }, 0);
  return initNormal(std / Math.sqrt(2 * layers));
}

/**
 * Sinusoids for a table of positions (T, C): amplitude·sin and cos of p/(2T)^(2i/C), so that near positions
 * start out alike and "so many back" is a rotation. The first Transformer's positions, here as a start for
 * learned ones.
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, §3.5 (with 10000 for 2T)
 */
export function initSinusoidal(amplitude = 0.02): Init {
  checkFinite('initSinusoidal', { amplitude });
  return (shape) => sinusoids(shape, { base: 2 * shape[0]!, amplitude });
}

function symmetric(bound: number): Init {
  return initUniform(-bound, bound);
}

/** Fan-in and fan-out of a weight (out, in), or of a convolution's, (…window, in, out). */
function fans(shape: Shape): { in: number; out: number } {
  check(
    shape.length >= 2,
    'init',
    "fan-in and fan-out are those of a weight (out, in), or of a convolution's",
    () => show(shape),
    () => 'use initNormal or initUniform for other shapes',
  );
  if (shape.length === 2) return { in: shape[1]!, out: shape[0]! };
  const window = sizeOf(shape.slice(0, -2));
  return { in: window * shape.at(-2)!, out: window * shape.at(-1)! };
}

function mapData(x: Tensor, f: (value: number) => number): Tensor {
  const data = x.data;
  for (let i = 0; i < data.length; i++) data[i] = f(data[i]!);
  return x;
}
