/** What DETR finds on pictures, and where each of its queries looks for it. */
import type { DETR, Detection } from 'scratchformer/models';
import { boxGrid } from 'scratchformer/report';
import type { Tensor } from 'scratchformer/tensor';
import { type Colour, pictureOf } from './pixels.ts';

/** A square picture, of red, green and blue in [0, 1]. */
interface Square {
  readonly pixels: Float32Array;
}

const COLOURS = ['#ffffff', '#ffd400', '#00e5ff', '#ff6ad5', '#8dff5a', '#ff9f45'];
const QUERIES = 4;

/**
 * Each picture with all that is found, and then for each object the picture again, lit where its query looks:
 * by the mean over heads of the last layer's cross attention. An SVG.
 */
export function detrPicture(
  model: DETR,
  images: Tensor,
  pictures: readonly Square[],
  names: readonly string[],
): string {
  const found = model.detect(images).map((list) => list.filter(({ score }) => score > 0.7));
  const attention = model.crossAttention(images).toArray() as number[][][][][];
  const rows = pictures.map(({ pixels }, i) => {
    const size = Math.sqrt(pixels.length / 3);
    const at = (y: number, x: number) => [...pixels.subarray((y * size + x) * 3, (y * size + x) * 3 + 3)];
    const boxes = found[i]!.map((one, n) => drawn(one, n, names));
    const lit = found[i]!.slice(0, QUERIES).map(({ query }, n) => {
      const weights = meanOverHeads(attention[i]!.map((head) => head[query]!));
      const most = Math.max(...weights.flat());
      const light = (y: number, x: number) =>
        0.25 +
        (0.75 *
          weights[Math.floor((y / size) * weights.length)]![Math.floor((x / size) * weights[0]!.length)]!) /
          most;
      const image = pictureOf(
        [size, size],
        (y, x) => at(y, x).map((value) => shade(value, light(y, x))) as unknown as Colour,
      );
      return { image, boxes: [{ ...boxes[n]!, text: `query ${query + 1}` }] };
    });
    return [{ image: pictureOf([size, size], (y, x) => at(y, x) as unknown as Colour), boxes }, ...lit];
  });
  const columns = ['found', ...Array.from({ length: QUERIES }, (_, n) => `object ${n + 1}: its query looks`)];
  return boxGrid({ title: 'What DETR finds, and where it looks', rows, columns });
}

function drawn({ label, score, box }: Detection, n: number, names: readonly string[]) {
  return { box, text: `${names[label]} ${score.toFixed(2)}`, colour: COLOURS[n % COLOURS.length]! };
}

/** What is dark is not black: attention to the ground can be seen, too. */
const shade = (value: number, light: number) => Math.min(1, (0.15 + 0.85 * value) * light);

function meanOverHeads(heads: readonly (readonly (readonly number[])[])[]): number[][] {
  return heads[0]!.map((row, y) =>
    row.map((_, x) => heads.reduce((sum, head) => sum + head[y]![x]!, 0) / heads.length),
  );
}
