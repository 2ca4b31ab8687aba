// What an activation costs: nanoseconds per element, forward and with backward, and its share of a training step.

import { activationByName, activationNames, defineOp, gelu, noGrad, prelu, randn, type Tensor, tensor, useBackend, zeros } from 'scratchformer'; // biome-ignore format: one line
import { empty } from 'scratchformer/tensor';
import { chart, type Panel, type Point } from './support/charts.ts';
import type { Experiment } from './support/experiment.ts';
import { median } from './support/statistics.ts';
import { learn } from './support/stories.ts';

type Activation = (x: Tensor) => Tensor;

const slope = tensor([0.25]);
const elementwise = activationNames().filter((name) => !activationByName(name).gated); // gated ones halve the last axis
/** All that take one number to one number, and a copy: what any op costs that only reads and writes. */
const activations: Record<string, Activation> = {
  copy: (x) => x.clone(),
  prelu: (x) => prelu(x, slope),
  geluSigmoid: (x) => gelu(x, { approximate: 'sigmoid' }),
  ...Object.fromEntries(elementwise.map((name) => [name, activationByName(name) as Activation])),
};
/** Those that the notebook speaks of; a smoke run measures no others. */
const few = ['copy', 'relu', 'gelu', 'geluTanh', 'stochasticGelu'];
/** The stories GPT has two hidden layers with so many elements each: 16 texts × 32 positions × 4·32. */
const [LAYERS, ELEMENTS] = [2, 65_536];

/** Numbers in the memory that the kernels of this backend work in. */
function near(values: Tensor): Tensor {
  const x = empty(values.shape, 'float32');
  x.data.set(values.data);
  return x;
}

/** Microseconds of the processor that this process has had: what other programs take does not count. */
const processorTime = () => process.cpuUsage().user + process.cpuUsage().system;

/** Nanoseconds per element and call. */
function nanoseconds(run: () => unknown, calls: number): number {
  run();
  const start = processorTime();
  for (let call = 0; call < calls; call++) run();
  return (1000 * (processorTime() - start)) / calls / ELEMENTS;
}

/** Medians of forward alone, and of forward and backward; in each round all activations take their turn. */
function costs(backend: 'wasm' | 'js', names: readonly string[], rounds: number) {
  useBackend(backend, { threads: 1 });
  const calls = backend === 'wasm' ? 20 : 2; // about a millisecond
  const [x, dy] = [near(randn([ELEMENTS])), near(randn([ELEMENTS]))];
  x.requiresGrad = true;
  // A loss that costs nothing, and whose gradient is there already.
  const loss = defineOp({ name: 'loss', forward: (_y: Tensor) => ({ output: zeros([1]), saved: {} }), backward: () => [dy] }); // biome-ignore format: one line
  const times = names.map((name) => ({ name, forward: [] as number[], both: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { name, ...lists } of times) {
      const f = activations[name]!;
      const both = () => {
        loss(f(x)).backward();
        x.zeroGrad(); // its memory goes back
      };
      lists.forward.push(nanoseconds(() => noGrad(() => f(x).size), calls));
      lists.both.push(nanoseconds(both, calls));
    }
  }
  const medians = times.map(({ name, forward, both }) => ({
    name,
    forward: median(forward),
    both: median(both),
  }));
  return Object.fromEntries(medians.map(({ name, ...costs }) => [name, costs]));
}
type Costs = ReturnType<typeof costs>;

/** Milliseconds of the middle one of a few training steps of the stories GPT. */
async function step(activation: Activation, steps: number): Promise<number> {
  const times: number[] = [];
  await learn({ steps, model: { activation }, hooks: [() => void times.push(processorTime())] });
  return median(times.slice(1).map((time, i) => time - times[i]!)) / 1000;
}

function rowOf(name: string, wasm: Costs[string], js: Costs[string], times: readonly number[]) {
  const alone = (LAYERS * ELEMENTS * wasm.both) / 1e6;
  const [step, from, to] = [median(times), Math.min(...times), Math.max(...times)];
  return { name, wasm, js, step, from, to, alone, share: alone / step };
}

function panels(rows: readonly ReturnType<typeof rowOf>[]): Panel[] {
  const x = { name: 'activation', categories: rows.map(({ name }) => name) };
  const ns = (name: string, colour: string, backend: 'wasm' | 'js', key: 'forward' | 'both') =>
    ({ name, colour, as: 'dots' as const, points: rows.map((row): Point => [row.name, row[backend][key]]) });
  return [
    { title: 'Time per element, one thread', x, y: { name: 'processor time (ns)', log: true }, series: [
      ns('js, forward and backward', '#c0392b', 'js', 'both'), ns('js, forward', '#e8a49b', 'js', 'forward'),
      ns('wasm, forward and backward', '#1f5fa8', 'wasm', 'both'), ns('wasm, forward', '#8fb8de', 'wasm', 'forward') ] },
    { title: 'Time per training step of the stories GPT, wasm, one thread', x, y: { name: 'processor time (ms)', min: 0 }, series: [
      { name: 'whole step: median, fastest, slowest of five runs', as: 'dots', points: rows.map(({ name, step, from, to }) => [name, step, from, to]) },
      { name: 'the activation alone', as: 'bars', points: rows.map(({ name, alone }) => [name, alone]) } ] },
  ];
} // biome-ignore format: one line for each series

const experiment: Experiment = async (lab) => {
  const chosen = Object.keys(activations).filter((name) => !lab.quick || few.includes(name));
  const js = costs('js', chosen, lab.quick ? 2 : 40);
  const wasm = costs('wasm', chosen, lab.quick ? 2 : 40); // the last one: the steps go on with it
  const settings = Object.fromEntries(chosen.map((name) => [name, name]));
  const steps = await lab.each(settings, (name) => step(activations[name]!, lab.quick ? 3 : 60));
  useBackend(); // as before
  chosen.sort((a, b) => wasm[a]!.both - wasm[b]!.both);
  const rows = chosen.map((name) => rowOf(name, wasm[name]!, js[name]!, steps[name]!));
  const numbers = {
    table: rows.map(({ name, wasm, js, step, share }) => ({ activation: name, 'wasm forward (ns)': wasm.forward, 'and backward': wasm.both, 'js forward (ns)': js.forward, 'with backward': js.both, 'step (ms)': step, share })),
    ...Object.fromEntries(rows.filter(({ name }) => few.includes(name)).map((row) => [row.name, row])),
  }; // biome-ignore format: a row
  return { numbers, figure: chart(panels(rows), { columns: 1, legends: 'each', height: 330 }) };
};
export default experiment;
