/** How the residual stream grows with the blocks that add to it. */
import {
  initNormal,
  initResidual,
  manualSeed,
  noGrad,
  randn,
  type Tensor,
  TransformerBlock,
} from 'scratchformer';
import { Chart } from '../../chart.ts';
import { slider } from '../slider.ts';

const BLOCKS = 12;
const blocks = Array.from({ length: BLOCKS + 1 }, (_, i) => i);

export default function stream(place: HTMLElement): void {
  const std = slider('size of the weights', { from: 0.02, to: 0.4, step: 0.02, value: 0.2 }, draw);
  place.append(std.element);
  const chart = new Chart(place, 'Root mean square of the stream after each block');
  draw();

  function draw(): void {
    const scaled = initResidual(BLOCKS, std.value);
    chart.draw(blocks, [
      { label: 'the stream after each block', colour: 'run-1', y: sizes(initNormal(std.value)) },
      { label: 'with last layers smaller by √(2·blocks)', colour: 'run-0', y: sizes(scaled) },
      { label: 'norms after the addition', colour: 'run-2', y: sizes(initNormal(std.value), 'post') },
    ]);
  }

  function sizes(outputInit: ReturnType<typeof initNormal>, normPosition: 'pre' | 'post' = 'pre'): number[] {
    manualSeed(1);
    const init = initNormal(std.value);
    const settings = { heads: 4, causal: true, init, outputInit, normPosition };
    const pile = blocks.slice(1).map(() => new TransformerBlock(32, settings));
    return noGrad(() => {
      let x = randn([1, 8, 32]);
      const found = [size(x)];
      for (const block of pile) {
        x = block.forward(x);
        found.push(size(x));
      }
      return found;
    });
  }
}

const size = (x: Tensor) => Math.sqrt(x.square().mean().item());
