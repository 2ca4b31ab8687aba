/** What a head with random queries and keys looks at, with a mask or without. */
import { attentionWeights, manualSeed, mul, noGrad, randn } from 'scratchformer';
import { element } from '../../dom.ts';
import { numberTable } from '../numberTable.ts';
import { slider } from '../slider.ts';

const words = ['the', 'cat', 'sat', 'on', 'the'];

export default function mask(place: HTMLElement): void {
  const sharpness = slider('size of q', { from: 0, to: 5, step: 0.1, value: 1 }, draw);
  const causal = element('input', { type: 'checkbox', checked: true, onchange: draw });
  const table = numberTable(['reads →', ...words]);
  place.append(
    sharpness.element,
    element('label.check', {}, causal, 'no word sees those after it'),
    table.element,
  );
  draw();

  function draw(): void {
    manualSeed(3);
    const [q, k] = [randn([1, 1, 5, 8]), randn([1, 1, 5, 8])];
    const P = noGrad(() => attentionWeights(mul(q, sharpness.value), k, { causal: causal.checked }));
    const [[rows]] = P.toArray() as [[number[][]]];
    table.draw(rows.map((row, t) => [words[t]!, ...row]));
  }
}
