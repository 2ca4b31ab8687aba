/** Activations and their derivatives, and what gates that open by chance let through. */
import {
  gelu,
  manualSeed,
  noGrad,
  relu,
  silu,
  stochasticGelu,
  sum,
  type Tensor,
  tensor,
} from 'scratchformer';
import { Chart } from '../../chart.ts';
import { element } from '../../dom.ts';
import { slider } from '../slider.ts';

const x = Array.from({ length: 141 }, (_, i) => -4 + 0.05 * i);
const curves: Readonly<Record<string, (x: Tensor) => Tensor>> = { relu, gelu: (x) => gelu(x), silu };

export default function activations(place: HTMLElement): void {
  const both = Object.entries(curves).map(([label, f], i) => ({ label, colour: `run-${i}`, ...evaluate(f) }));
  const gates = slider(
    'gates for each x',
    { from: 0, to: 10, step: 1, value: 0 },
    draw,
    (power) => `${2 ** power}`,
  );
  const half = (name: string, range: [number, number]) => {
    const box = element('div', {}, element('h3', {}, name));
    return { box, chart: new Chart(box, name, range) };
  };
  const [values, slopes] = [half('value', [-1.5, 3]), half('derivative', [-0.5, 1.5])];
  place.append(gates.element, element('div.columns', {}, values.box, slopes.box));
  slopes.chart.draw(
    x,
    both.map(({ label, colour, slope: y }) => ({ label, colour, y })),
  );
  draw();

  function draw(): void {
    const dots = { label: 'mean of x · gate', colour: 'faded', y: meanOfGates(2 ** gates.value), dots: true };
    values.chart.draw(x, [dots, ...both.map(({ label, colour, y }) => ({ label, colour, y }))]);
  }
}

function evaluate(f: (x: Tensor) => Tensor) {
  const at = tensor(x, { dtype: 'float64', requiresGrad: true });
  const y = f(at);
  const values = [...y.data];
  sum(y).backward();
  return { y: values, slope: [...at.grad!.data] };
}

function meanOfGates(count: number): number[] {
  manualSeed(1);
  const rows = tensor(Array.from({ length: count }, () => x));
  return noGrad(() => [...stochasticGelu(rows).mean(0).data]);
}
