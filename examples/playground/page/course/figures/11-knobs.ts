/** One distribution, by temperature, top-k and top-p. */
import { tokenDistribution } from 'scratchformer/generation';
import { bars } from '../bars.ts';
import { slider } from '../slider.ts';

const words = ['cat', 'dog', 'bird', 'fish', 'fly', 'of'];
const logits = Float64Array.of(2.2, 1.8, 1.1, 0.6, 0.1, -1.5);

export default function knobs(place: HTMLElement): void {
  const temperature = slider('temperature', { from: 0.1, to: 3, step: 0.1, value: 1 }, draw);
  const topK = slider('top-k', { from: 1, to: 6, step: 1, value: 6 }, draw);
  const topP = slider('top-p', { from: 0.05, to: 1, step: 0.05, value: 1 }, draw);
  const shares = bars(words);
  place.append(temperature.element, topK.element, topP.element, shares.element);
  draw();

  function draw(): void {
    const settings = { temperature: temperature.value, topK: topK.value, topP: topP.value };
    shares.draw(tokenDistribution(logits, settings));
  }
}
