/** Layers as ONNX nodes. Names of weights are those of the state dict. */
import { type Layer, LayerNorm, type Linear, RMSNorm } from '../../nn/index.ts';
import { check, fail, type Tensor, zeros } from '../../tensor/index.ts';
import { type Move, moved, transposed } from '../moves.ts';
import type { Graph } from './graph.ts';

/** x·Wᵀ + b. @param order of the outputs, if it is another than ours */
export function linear(
  g: Graph,
  name: string,
  { weight, bias, adapter }: Linear,
  x: string,
  order?: Move,
): string {
  check(adapter === null, 'export onnx', 'no layer has an adapter', () => name, () => 'mergeLora takes them in'); // biome-ignore format: one line
  const turned = moved(() => transposed.toTheirs([reordered(weight, order)]))[0]!;
  const y = g.run('MatMul', [x, g.matrix(`${name}.weight`, turned, 1)]);
  return bias ? g.run('Add', [y, g.weight(`${name}.bias`, reordered(bias, order))]) : y;
}

/** A layer norm or an RMS norm of the last axis. @param order of its channels, if it is another than ours */
export function norm(g: Graph, name: string, layer: Layer, x: string, order?: Move): string {
  if (layer instanceof LayerNorm && layer.gain) {
    const gain = g.weight(`${name}.gain`, layer.gain);
    const bias = g.weight(`${name}.bias`, layer.bias ?? zeros(layer.gain.shape));
    return g.run('LayerNormalization', [x, gain, bias], { axis: -1, epsilon: { float: layer.eps } });
  }
  if (layer instanceof RMSNorm && layer.gain) {
    const square = g.run('ReduceMean', [g.run('Mul', [x, x])], { axes: [-1] });
    const y = g.run('Div', [x, g.run('Sqrt', [g.run('Add', [square, layer.eps])])]);
    return g.run('Mul', [y, g.weight(`${name}.gain`, reordered(layer.gain, order))]);
  }
  fail('export onnx', 'norms are layer norms or RMS norms with a gain', layer.constructor.name);
}

const reordered = (x: Tensor, order?: Move) => (order ? moved(() => order.toTheirs([x]))[0]! : x);
