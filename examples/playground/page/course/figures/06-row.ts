/** A row, normalized, and the gradient of its first number. */
import { layerNorm, tensor } from 'scratchformer';
import { element } from '../../dom.ts';
import { numberTable } from '../numberTable.ts';
import { slider } from '../slider.ts';

export default function row(place: HTMLElement): void {
  const start = [3, 1, 0, -2];
  const sliders = start.map((value, i) =>
    slider(`x${'₀₁₂₃'[i]}`, { from: -5, to: 5, step: 0.5, value }, draw),
  );
  const shift = slider('added to all', { from: -5, to: 5, step: 0.5, value: 0 }, draw);
  const table = numberTable(['', '0', '1', '2', '3']);
  const words = element('p');
  place.append(...[...sliders, shift].map(({ element }) => element), table.element, words);
  draw();

  function draw(): void {
    const values = sliders.map(({ value }) => value + shift.value);
    const x = tensor([values], { dtype: 'float64', requiresGrad: true });
    const y = layerNorm(x, null, null, { eps: 1e-5 });
    const normalized = [...y.data];
    y.backward(tensor([[1, 0, 0, 0]], { dtype: 'float64' }));
    const dx = [...x.grad!.data];
    table.draw([
      ['x', ...values],
      ['x̂', ...normalized],
      ['dx', ...dx],
    ]);
    const total = dx.reduce((sum, value) => sum + value, 0);
    words.textContent = `For dy = (1, 0, 0, 0) the sum of dx is ${Math.abs(total) < 1e-9 ? 0 : total.toExponential(1)}.`;
  }
}
