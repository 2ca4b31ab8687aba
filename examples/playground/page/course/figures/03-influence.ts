/** Where a number of a matrix has influence, and the gradient that comes back from there. */
import { matmul, mul, sum, tensor } from 'scratchformer';
import { element } from '../../dom.ts';
import { numberTable } from '../numberTable.ts';
import { slider } from '../slider.ts';

const b = tensor([
  [1, 0, 2],
  [-1, 2, 1],
]);
const dy = tensor([
  [1, 0.5, -1],
  [0, 2, 0.5],
]);

export default function influence(place: HTMLElement): void {
  const a00 = slider('a[0, 0]', { from: -3, to: 3, step: 0.5, value: 1 }, draw);
  const table = numberTable(['', 'a', '', '', 'y = a·b', '', '', '', 'da = dy·bᵀ', '']);
  const note =
    'b = (1 0 2 / −1 2 1), dy = (1 0.5 −1 / 0 2 0.5). Move a[0, 0]: only row 0 of y follows, by row 0 of b.';
  place.append(a00.element, table.element, element('p', {}, note));
  draw();

  function draw(): void {
    const a = tensor([[a00.value, 2], [0.5, -1]], { requiresGrad: true }); // biome-ignore format: a matrix
    const y = matmul(a, b);
    const [from, to] = [a.toArray(), y.toArray()] as [number[][], number[][]];
    sum(mul(y, dy)).backward();
    const back = a.grad!.toArray() as number[][];
    table.draw(from.map((row, i) => [`row ${i}`, ...row, null, ...to[i]!, null, ...back[i]!]));
  }
}
