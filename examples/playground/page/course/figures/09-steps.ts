/** A weight under a constant gradient and then none, by SGD, Adam with decay in the gradient, and AdamW. */
import { Parameter, tensor } from 'scratchformer';
import { Adam, AdamW, SGD } from 'scratchformer/optimizers';
import { Chart } from '../../chart.ts';
import { slider } from '../slider.ts';

const STEPS = 60;
const steps = Array.from({ length: STEPS + 1 }, (_, i) => i);

export default function walk(place: HTMLElement): void {
  const power = slider('gradient', { from: -3, to: 1, step: 0.25, value: -1 }, draw, (at) =>
    (10 ** at).toPrecision(2),
  );
  const decay = slider('decay λ', { from: 0, to: 1, step: 0.1, value: 0.5 }, draw);
  place.append(power.element, decay.element);
  const chart = new Chart(place, 'A weight over 60 steps', [-2.2, 2.2]);
  draw();

  function draw(): void {
    const weightDecay = decay.value;
    const path = (make: (w: Parameter) => Adam | AdamW | SGD) => pathOf(make, 10 ** power.value);
    chart.draw(steps, [
      { label: 'SGD, rate 0.05', colour: 'run-1', y: path((w) => new SGD([w], { lr: 0.05, weightDecay })) },
      {
        label: 'Adam, λ·w in the gradient',
        colour: 'run-2',
        y: path((w) => new Adam([w], { lr: 0.05, weightDecay })),
      },
      { label: 'AdamW', colour: 'run-0', y: path((w) => new AdamW([w], { lr: 0.05, weightDecay })) },
    ]);
  }
}

/** The weight before each step; from the 21st on the gradient is 0. */
function pathOf(make: (w: Parameter) => Adam | AdamW | SGD, gradient: number): number[] {
  const w = new Parameter(tensor([2]), { role: 'weight' });
  const optimizer = make(w);
  return steps.map((step) => {
    const before = w.data[0]!;
    w.grad = tensor([step < 20 ? gradient : 0]);
    optimizer.step();
    return before;
  });
}
