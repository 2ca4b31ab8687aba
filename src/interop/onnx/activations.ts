/** Activations as ONNX operators. */
import { Activation, type ActivationName, activationByName, type Layer } from '../../nn/index.ts';
import { fail } from '../../tensor/index.ts';
import type { Graph } from './graph.ts';

type Formula = (g: Graph, x: string) => string;

const elementwise: Partial<Record<ActivationName, Formula>> = {
  elu: (g, x) => g.run('Elu', [x], { alpha: { float: 1 } }),
  /** x·½(1 + erf(x/√2)) */
  gelu: (g, x) => g.run('Mul', [x, half(g, g.run('Erf', [g.run('Mul', [x, Math.SQRT1_2])]))]),
  /** x·½(1 + tanh(√(2/π)(x + 0.044715x³))) */
  geluTanh(g, x) {
    const bent = g.run('Mul', [g.run('Mul', [g.run('Mul', [x, x]), x]), 0.044715]);
    const u = g.run('Mul', [g.run('Add', [x, bent]), Math.sqrt(2 / Math.PI)]);
    return g.run('Mul', [x, half(g, g.run('Tanh', [u]))]);
  },
  hardswish: (g, x) => g.run('HardSwish', [x]),
  leakyRelu: (g, x) => g.run('LeakyRelu', [x], { alpha: { float: 0.01 } }),
  mish: (g, x) => g.run('Mul', [x, g.run('Tanh', [g.run('Softplus', [x])])]),
  relu: (g, x) => g.run('Relu', [x]),
  sigmoid: (g, x) => g.run('Sigmoid', [x]),
  silu: (g, x) => g.run('Mul', [x, g.run('Sigmoid', [x])]),
  softplus: (g, x) => g.run('Softplus', [x]),
  squaredRelu(g, x) {
    const positive = g.run('Relu', [x]);
    return g.run('Mul', [positive, positive]);
  },
  tanh: (g, x) => g.run('Tanh', [x]),
};

const half = (g: Graph, x: string) => g.run('Mul', [g.run('Add', [x, 1]), 0.5]);

/** Gated units: the value is the first half, the gate the second. */
const gate =
  (activation: Formula): Formula =>
  (g, x) => {
    const [value, gate] = g.split('Split', [x], 2, { axis: -1 });
    return g.run('Mul', [value!, activation(g, gate!)]);
  };
const all: Partial<Record<ActivationName, Formula>> = {
  ...elementwise,
  geglu: gate(elementwise.gelu!),
  glu: gate(elementwise.sigmoid!),
  swiglu: gate(elementwise.silu!),
};

/** The output of an activation layer. Errors: it has no formula here. */
export function activation(g: Graph, layer: Layer, x: string): string {
  const f = layer instanceof Activation ? layer.apply : layer;
  const found = Object.entries(all).find(([name]) => activationByName(name) === f);
  if (found) return found[1](g, x);
  const got = typeof f === 'function' ? f.name : f.constructor.name;
  fail('export onnx', `the activation is one of ${Object.keys(all).join(', ')}`, got || 'another function');
}
