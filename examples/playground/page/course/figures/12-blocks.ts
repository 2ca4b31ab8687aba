/** Loads for each multiplication, by the size of the block that is computed at once. */
import { element } from '../../dom.ts';
import { slider } from '../slider.ts';

export default function blocks(place: HTMLElement): void {
  const rows = slider('rows of the block', { from: 1, to: 8, step: 1, value: 4 }, draw);
  const columns = slider('columns', { from: 1, to: 8, step: 1, value: 4 }, draw);
  const words = element('p');
  place.append(rows.element, columns.element, words);
  draw();

  function draw(): void {
    const [r, c] = [rows.value, columns.value];
    const loads = `${r} + ${c} loads for ${r * c} multiplications: ${((r + c) / (r * c)).toFixed(2)} each, where the three loops have 2.`;
    words.textContent = `${loads} ${r * c} sums and ${r + c} factors want ${r * c + r + c} registers.`;
  }
}
