/** One bias for four rows: what forward copies, backward sums. */
import { add, mul, sum, tensor } from 'scratchformer';
import { element } from '../../dom.ts';
import { numberTable } from '../numberTable.ts';
import { slider } from '../slider.ts';

const x = tensor([
  [1, 2, 0],
  [0, 1, 1],
  [2, 0, 1],
  [1, 1, 2],
]);

export default function bias(place: HTMLElement): void {
  const [b0, dy0] = [
    slider('b₀', { from: -3, to: 3, step: 0.5, value: 1 }, draw),
    slider('dy of row 0', { from: -1, to: 1, step: 0.1, value: 0.5 }, draw),
  ];
  const table = numberTable(['', 'y₀', 'y₁', 'y₂', '', 'dy₀', 'dy₁', 'dy₂']);
  const words = element('p');
  place.append(b0.element, dy0.element, table.element, words);
  draw();

  function draw(): void {
    const b = tensor([b0.value, 0, -1], { requiresGrad: true });
    const y = add(x, b);
    const dy = [1, 0.2, -0.4, 0.1].map((part, t) =>
      t === 0 ? [dy0.value, dy0.value, dy0.value] : [part, -part, 0],
    );
    const values = y.toArray() as number[][];
    sum(mul(y, tensor(dy))).backward();
    table.draw(values.map((row, t) => [`row ${t}`, ...row, null, ...dy[t]!]));
    words.textContent = `db, the sums of the columns of dy: (${[...b.grad!.data].map((value) => value.toFixed(1)).join(', ')})`;
  }
}
