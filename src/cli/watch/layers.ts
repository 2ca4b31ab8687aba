import type { Module, Parameter } from '../../nn/index.ts';

/** Numbers by the names of layers. */
export type ByLayer = Readonly<Record<string, number>>;

/** What a step does to each layer. */
export interface LayerStep {
  /** ‖g‖ of the layer's gradients, before clipping. */
  readonly gradientNorm: ByLayer;
  /** ‖Δθ‖/‖θ‖: how far the step moved the layer's weights, as a part of their length. */
  readonly updateRatio: ByLayer;
}

/**
 * Measures a step between its backward pass and its end: call it for the gradients before the update, and what
 * it returns after it. It copies the weights for the time in between.
 *
 * A layer is a name up to its first number, `blocks.0`, or its first word, `tokens`. What is not trained is
 * left out; weights that are all zero have moved by a ratio of 0.
 */
export function measureStep(model: Module): () => LayerStep {
  const layers = trainedLayers(model);
  const before = new Map([...layers.values()].flat().map((one) => [one, one.toTypedArray()] as const));
  const gradientNorm = byLayer(layers, (params) => norm(params.map(({ grad }) => squares(grad!.data))));
  return () => {
    const updateRatio = byLayer(layers, (params) => {
      const moved = norm(params.map((one) => squaredDistance(one.data, before.get(one)!)));
      return moved / (norm(params.map((one) => squares(before.get(one)!))) || Number.POSITIVE_INFINITY);
    });
    return { gradientNorm, updateRatio };
  };
}

type Layers = ReadonlyMap<string, readonly Parameter[]>;

function trainedLayers(model: Module): Layers {
  const layers = new Map<string, Parameter[]>();
  for (const [name, parameter] of model.namedParameters()) {
    if (!parameter.grad) continue;
    const layer = /^.*?\.\d+(?=\.)/.exec(name)?.[0] ?? name.split('.')[0]!;
    layers.set(layer, [...(layers.get(layer) ?? []), parameter]);
  }
  return layers;
}

function byLayer(layers: Layers, value: (params: readonly Parameter[]) => number): ByLayer {
  return Object.fromEntries(
    [...layers].map(([name, params]) => [name, Number(value(params).toPrecision(5))]),
  );
}

const norm = (sums: readonly number[]) => Math.sqrt(sums.reduce((total, sum) => total + sum, 0));

function squares(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    sum += difference * difference;
  }
  return sum;
}
