// How much of the gradient is left at the first of 2 to 64 layers, and whether such deep networks learn.

import { activationByName, add, backward, crossEntropy, full, type Tensor } from 'scratchformer';
import { initKaimingNormal, initZeros, LayerNorm, Linear, Module } from 'scratchformer/nn';
import { AdamW } from 'scratchformer/optimizers';
import { chart, type Panel, type Point } from './support/charts.ts';
import { digits, errorRate, randomImages } from './support/digits.ts';
import type { Experiment } from './support/experiment.ts';
import { type Summary, summary } from './support/statistics.ts';

const { train, test } = digits({ count: 4000, tests: 1000 });
const [depths, trained, width] = [[2, 4, 8, 16, 32, 64], [2, 8, 32], 64];

/** Weights are N(0, gain²/width): 1 is Xavier's, √2 Kaiming's; 4 makes up for a sigmoid's slope of ¼ at 0. */
const gains: Record<string, number> = { sigmoid: 4, tanh: 1, relu: Math.SQRT2, gelu: Math.SQRT2 };
const names = Object.keys(gains);

interface Shape {
  readonly activation: string;
  readonly depth: number;
  /** Default: that of the activation. */
  readonly gain?: number;
  /** x + f(W·LayerNorm(x)) in place of f(W·x). */
  readonly residual?: boolean;
}
const kinds: Record<string, Partial<Shape>> = {
  'plain, weights that suit each': {},
  'plain, the same weights for all': { gain: 1 },
  'residuals and LayerNorm': { residual: true },
};
const [plain = '', , residual = ''] = Object.keys(kinds);

/** 784 → width, then `depth` layers of one shape, whose gradients can be compared, then → 10. */
class Tower extends Module {
  readonly entrance = new Linear(784, width, { init: initKaimingNormal(1), biasInit: initZeros });
  readonly layers: Linear[];
  readonly norms: LayerNorm[];
  readonly exit = new Linear(width, 10, { init: initKaimingNormal(1), biasInit: initZeros });
  readonly f: (x: Tensor) => Tensor;

  constructor({ activation, depth, gain = gains[activation], residual = false }: Shape) {
    super();
    const places = Array.from({ length: depth });
    this.layers = places.map(
      () => new Linear(width, width, { init: initKaimingNormal(gain), biasInit: initZeros }),
    );
    this.norms = residual ? [...places, 'exit'].map(() => new LayerNorm(width)) : [];
    this.f = activationByName(activation);
  }

  forward(images: Tensor): Tensor {
    let x = this.entrance.forward(images);
    for (const [i, layer] of this.layers.entries()) {
      const norm = this.norms[i];
      x = norm ? add(x, this.f(layer.forward(norm.forward(x)))) : this.f(layer.forward(x));
    }
    return this.exit.forward(this.norms.at(-1)?.forward(x) ?? x);
  }
}

/** log₁₀ of the norm of a gradient in the first layer over that in the last one, in a new network. */
function logRatios(shape: Shape): { arriving: number; weights: number } {
  const tower = new Tower(shape);
  const { inputs, targets } = randomImages(train, 32);
  // Ratios stay when the loss is scaled; without 2⁶⁰ the smallest gradients are below float32.
  backward(crossEntropy(tower.forward(inputs), targets), full([], 2 ** 60));
  const norm = ({ grad }: Tensor) => Math.hypot(...grad!.toTypedArray());
  const ratio = (of: 'weight' | 'bias') =>
    Math.log10(norm(tower.layers[0]![of]!) / norm(tower.layers.at(-1)![of]!));
  return { arriving: ratio('bias'), weights: ratio('weight') }; // dL/db is dL/d(W·x + b), summed over images
}

/** The share of wrong guesses after some steps of AdamW. */
function errorAfter(steps: number, shape: Shape): number {
  const tower = new Tower(shape);
  const optimizer = new AdamW(tower.parameters(), { lr: 1e-3, weightDecay: 0 });
  for (let step = 0; step < steps; step++) {
    const { inputs, targets } = randomImages(train, 32);
    optimizer.zeroGrad();
    backward(crossEntropy(tower.forward(inputs), targets));
    optimizer.step();
  }
  return errorRate(tower, test);
}

const name = (kind: string, activation: string, depth: number) => `${activation} ${depth}, ${kind}`;
function shapes(some: readonly string[], depths: readonly number[]): Record<string, Shape> {
  return Object.fromEntries(some.flatMap((kind) => names.flatMap((activation) => depths.map((depth) => [name(kind, activation, depth), { ...kinds[kind], activation, depth }] as const)))); // biome-ignore format: one line
}

const experiment: Experiment = async (lab) => {
  const steps = lab.quick ? 2 : 200;
  const ratios = await lab.each(shapes(Object.keys(kinds), depths), logRatios);
  const errors = await lab.each(shapes([plain, residual], trained), (shape) => errorAfter(steps, shape));
  const log = (kind: string, activation: string, depth: number, of: 'arriving' | 'weights' = 'arriving') => summary(ratios[name(kind, activation, depth)]!.map((one) => one[of])); // biome-ignore format: one line
  const error = (kind: string, activation: string, depth: number) => summary(errors[name(kind, activation, depth)]!); // biome-ignore format: one line
  const gradients = Object.keys(kinds).flatMap((kind) => names.map((activation) => {
    const kept = (depth: number) => 10 ** log(kind, activation, depth).mean;
    return { network: kind, activation, 'of 4': kept(4), 'of 16': kept(16), 'of 64': kept(64), 'per layer': kept(64) ** (1 / 63), 'of weights, of 64': 10 ** log(kind, activation, 64, 'weights').mean };
  })); // biome-ignore format: one line
  const shown = (y: unknown) => typeof y !== 'number' ? `${y}` : y < 1e-3 ? y.toExponential(1).replace('-', '−') : y.toPrecision(3); // biome-ignore format: one line
  const table = gradients.map((row) => Object.fromEntries(Object.entries(row).map(([k, y]) => [k, shown(y)]))); // biome-ignore format: one line
  const wrong = (kind: string) => Object.fromEntries(names.map((one) => [one, trained.map((depth) => error(kind, one, depth))])); // biome-ignore format: one line

  const point = (depth: number, y: Summary, f = (y: number) => y): Point => [`${depth}`, f(y.mean), f(y.low), f(y.high)]; // biome-ignore format: one line
  const panels: Panel[] = Object.keys(kinds).map((kind) => ({
    title: kind,
    x: { name: 'layers', categories: depths.map(String) },
    y: { name: 'gradient at first layer / at last', log: true, min: 1e-40, max: 1e4 },
    series: names.map((one) => ({ name: one, points: depths.map((depth) => point(depth, log(kind, one, depth), (y) => 10 ** y)) })),
  })); // biome-ignore format: one line for each part
  panels.push({
    title: `after ${steps} steps (dashed: residuals)`,
    x: { name: 'layers', categories: trained.map(String) },
    y: { name: 'wrong guesses (share)', min: 0, max: 1 },
    series: [plain, residual].flatMap((kind) => names.map((one) => ({ name: one, dashed: kind === residual, points: trained.map((depth) => point(depth, error(kind, one, depth))) }))),
  }); // biome-ignore format: one line for each part
  return { numbers: { steps, gradients, table, wrong: { plain: wrong(plain), residual: wrong(residual) } }, figure: chart(panels) }; // biome-ignore format: one line
};
export default experiment;
