/** The slope of eˣ at 0.5, by differences of any width. */
import { Chart } from '../../chart.ts';
import { element, short } from '../../dom.ts';
import { slider } from '../slider.ts';

const AT = 0.5;
const x = Array.from({ length: 111 }, (_, i) => -0.6 + 0.02 * i);

export default function differences(place: HTMLElement): void {
  const eps = slider('ε', { from: -4, to: 0, step: 0.1, value: -0.1 }, draw, (power) =>
    (10 ** power).toPrecision(2),
  );
  const errors = element('p');
  place.append(eps.element);
  const chart = new Chart(place, 'eˣ and its slope at 0.5', [0, 4.5]);
  place.append(errors);
  draw();

  function draw(): void {
    const width = 10 ** eps.value;
    const [here, above, below] = [AT, AT + width, AT - width].map(Math.exp) as [number, number, number];
    const oneSided = (above - here) / width;
    const central = (above - below) / (2 * width);
    const line = (slope: number) => x.map((at) => here + slope * (at - AT));
    chart.draw(x, [
      { label: 'f(x) = eˣ', colour: 'run-0', y: x.map(Math.exp) },
      { label: 'the tangent', colour: 'faded', y: line(here), dash: [5, 4] },
      { label: 'slope to one side', colour: 'run-1', y: line(oneSided) },
      { label: 'central slope', colour: 'run-2', y: line(central) },
    ]);
    const off = (slope: number) => short(Math.abs(slope - here));
    errors.textContent = `Off by ${off(oneSided)} to one side, by ${off(central)} central.`;
  }
}
