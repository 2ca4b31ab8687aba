/** Scores become probabilities, a loss, and its gradient. */
import { crossEntropy, softmax, tensor } from 'scratchformer';
import { element, short } from '../../dom.ts';
import { bars } from '../bars.ts';
import { slider } from '../slider.ts';

const classes = ['cat', 'dog', 'bird', 'fish'];
const RIGHT = 1;

export default function scores(place: HTMLElement): void {
  const start = [2, 1, 0, -1];
  const sliders = classes.map((name, i) =>
    slider(`score of ${name}`, { from: -5, to: 5, step: 0.1, value: start[i]! }, draw),
  );
  const shares = bars(classes);
  const words = element('p');
  place.append(...sliders.map(({ element }) => element), shares.element, words);
  draw();

  function draw(): void {
    const logits = tensor([sliders.map(({ value }) => value)], { dtype: 'float64', requiresGrad: true });
    shares.draw(softmax(logits.detach()).data);
    const loss = crossEntropy(logits, tensor([RIGHT], { dtype: 'int32' }));
    loss.backward();
    const pushes = [...logits.grad!.data].map((push) => short(Number(push.toFixed(3)))).join(', ');
    words.textContent = `Next came ${classes[RIGHT]}: the loss is ${loss.item().toFixed(3)}, its gradient (${pushes}).`;
  }
}
