import type { View } from '../../../tensor/index.ts';
import type { BinaryName, Kernels } from '../../contract.ts';
import { type Axis, mergedAxes } from '../../wasm/axes.ts';
import { flat, type Kernel, kernel, main, run, thread } from '../kernel.ts';
import { dtypeOf } from '../numbers.ts';
import { forFloat32, isForDevice, onProcessor } from '../overlay.ts';
import { random, special, thresholdOf } from '../wgsl.ts';

const THREADS = 256;
/** Axes of an index space, at the most, once those are merged that are one run. */
const MOST_AXES = 4;

/** Strided views: place `i` of the index space in each of them, from their lengths and strides, inner axis first. */
const stridesOf = (views: readonly string[]) =>
  Array.from({ length: MOST_AXES }, (_, axis) => [
    `n${axis}`,
    ...views.map((view) => `${view}${axis}`),
  ]).flat();
const places = (views: readonly string[]) => `
  var rest = i;
  ${views.map((view) => `var ${view}I = 0u;`).join(' ')}
  ${Array.from({ length: MOST_AXES }, (_, axis) => `{ let c = rest % p.n${axis}; rest /= p.n${axis}; ${views.map((view) => `${view}I += c * p.${view}${axis};`).join(' ')} }`).join('\n  ')}`;

/** A kernel over the common index space of views; `body` writes out[p.outAt + outI]. */
function strided(
  name: string,
  reads: readonly string[],
  body: string,
  { updates = false, type = 'f32', sizes = [] as readonly string[], functions = '' } = {},
): Kernel {
  const views = ['out', ...reads];
  return kernel(name, {
    writes: [`out: ${type}`],
    reads: reads.map((view) => `${view}: ${type}`),
    sizes: [...sizes, 'total', ...stridesOf(views)],
    updates,
    code: `${functions}
${main(THREADS)} {
  let i = ${thread(THREADS)};
  if (i >= p.total) { return; }
  ${places(views)}
  ${body}
}`,
  });
}

/** Runs it, if the index space has few enough axes. */
function overSpace(made: Kernel, views: readonly View[], ...sizes: readonly number[]): boolean {
  const axes = mergedAxes(views);
  if (axes === null || axes.length > MOST_AXES) return false;
  const one: Axis = { length: 1, strides: views.map(() => 0) };
  const inner = [...axes.toReversed(), ...new Array<Axis>(MOST_AXES - axes.length).fill(one)];
  const total = axes.reduce((product, { length }) => product * length, 1);
  const strides = inner.flatMap(({ length, strides }) => [Math.max(1, length), ...strides]);
  const [out, ...reads] = views as [View, ...View[]];
  run(made, [out], reads, [...sizes, total, ...strides], flat(total, THREADS));
  return true;
}

const names: readonly BinaryName[] = [
  'add', 'sub', 'mul', 'div', 'max', 'min', 'eq', 'neq', 'lt', 'leq', 'gt', 'geq',
]; // biome-ignore format: one line reads better

const pairs = strided(
  'binary',
  ['a', 'b'],
  `let x = a[p.aAt + aI]; let y = b[p.bAt + bI];
  let nan = isNaN(x) || isNaN(y);
  var z = 0.0;
  switch p.kind {
    case 0u: { z = x + y; }
    case 1u: { z = x - y; }
    case 2u: { z = x * y; }
    case 3u: { z = x / y; }
    case 4u: { z = larger(x, y); }
    case 5u: { z = -larger(-x, -y); }
    case 6u: { z = f32(x == y && !nan); }
    case 7u: { z = f32(x != y || nan); }
    case 8u: { z = f32(x < y && !nan); }
    case 9u: { z = f32(x <= y && !nan); }
    case 10u: { z = f32(x > y && !nan); }
    default: { z = f32(x >= y && !nan); }
  }
  out[p.outAt + outI] = z;`,
  { sizes: ['kind'], functions: special },
);

/** Powers are the processor's. */
export const binary: Kernels['binary'] = (name, out, a, b) => {
  const kind = names.indexOf(name);
  if (kind >= 0 && isForDevice([out, a, b]) && overSpace(pairs, [out, a, b], kind)) return;
  onProcessor('binary')(name, out, a, b);
};

const added = strided('addTo', ['x'], 'out[p.outAt + outI] += x[p.xAt + xI];', { updates: true });

export const addTo: Kernels['addTo'] = (out, x) => {
  if (!isForDevice([out, x]) || !overSpace(added, [out, x])) onProcessor('addTo')(out, x);
};

const copied = strided('copy', ['x'], 'out[p.outAt + outI] = x[p.xAt + xI];', { type: 'u32' });

/** Copies of bits; what converts them is the processor's. */
export const copy: Kernels['copy'] = (out, x) => {
  const type = dtypeOf(out.data);
  const sameBits = type !== 'float64' && type === dtypeOf(x.data);
  if (!sameBits || !overSpace(copied, [out, x])) onProcessor('copy')(out, x);
};

const scaled = kernel('scale', {
  writes: ['x'],
  reads: [],
  sizes: ['n', 'factor: f32'],
  updates: true,
  code: `${main(THREADS)} { let i = ${thread(THREADS)}; if (i < p.n) { x[p.xAt + i] *= p.factor; } }`,
});

export const scale = forFloat32('scale', (x, factor) => {
  run(scaled, [x], [], [x.length, factor], flat(x.length, THREADS));
});

const thinned = kernel('dropout', {
  writes: ['y'],
  reads: ['x'],
  sizes: ['n', 'seed', 'threshold', 'factor: f32'],
  code: `${random}
${main(THREADS)} {
  let i = ${thread(THREADS)};
  if (i < p.n) { y[p.yAt + i] = select(x[p.xAt + i] * p.factor, 0.0, isDropped(p.seed, i, p.threshold)); }
}`,
});

export const dropout = forFloat32('dropout', (y, x, p, seed) => {
  run(thinned, [y], [x], [x.length, seed, thresholdOf(p), 1 / (1 - p)], flat(x.length, THREADS));
});
