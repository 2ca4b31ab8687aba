/** The learning rate over the steps: warm-up, then half a wave down to the floor. */
import { warmupCosine } from 'scratchformer/optimizers';
import { Chart } from '../../chart.ts';
import { slider } from '../slider.ts';

const STEPS = 200;
const steps = Array.from({ length: STEPS }, (_, step) => step);

export default function schedule(place: HTMLElement): void {
  const warmup = slider('steps of warm-up', { from: 0, to: 100, step: 5, value: 20 }, draw);
  const floor = slider('floor', { from: 0, to: 1, step: 0.1, value: 0.1 }, draw);
  place.append(warmup.element, floor.element);
  const chart = new Chart(place, 'The learning rate over 200 steps');
  draw();

  function draw(): void {
    const rate = warmupCosine({ peak: 0.001, floor: floor.value / 1000, warmup: warmup.value, steps: STEPS });
    chart.draw(steps, [
      { label: 'learning rate in thousandths', colour: 'run-0', y: steps.map((step) => 1000 * rate(step)) },
    ]);
  }
}
