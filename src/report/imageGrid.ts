import { check } from '../tensor/index.ts';
import { drawing } from './drawing.ts';

/** Rows of small pictures. */
export interface ImageGrid {
  readonly title: string;
  /** Rows from top to bottom: what stands before each, and its pictures by address: `data:image/png;…`. */
  readonly rows: readonly { readonly label: string; readonly images: readonly string[] }[];
  /** Words above the columns. Default: none. */
  readonly columns?: readonly string[];
  /** Side of a picture. Default 72. */
  readonly side?: number;
}

const GAP = 8;
const TEXT = { fill: '#333333', font: '12px sans-serif' };

/** Small pictures of one size in rows and columns, with a title and words beside them, as an SVG. */
export function imageGrid({ title, rows, columns = [], side = 72 }: ImageGrid): string {
  const across = rows[0]?.images.length ?? 0;
  check(across > 0, 'imageGrid', 'there is at least one picture', () => `${rows.length} rows`);
  const left = rows.some(({ label }) => label !== '') ? 90 : 16;
  const top = columns.length > 0 ? 66 : 46;
  const step = side + GAP;
  const size = { width: left + across * step + 16, height: top + rows.length * step + 8 };
  const text = (words: string, x: number, y: number, align: 'left' | 'center') => ({
    type: 'text',
    style: { ...TEXT, text: words, x, y, align, verticalAlign: 'middle' },
  });
  const pictures = rows.flatMap(({ images }, row) =>
    images.map((image, column) => ({
      type: 'image',
      style: { image, x: left + column * step, y: top + row * step, width: side, height: side },
    })),
  );
  return drawing(size, {
    title: { text: title, left: 'center', top: 10, textStyle: { fontSize: 15 } },
    graphic: [
      ...columns.map((words, column) => text(words, left + column * step + side / 2, top - 12, 'center')),
      ...rows.map(({ label }, row) => text(label, 16, top + row * step + side / 2, 'left')),
      ...pictures,
    ].map((element) => ({ ...element, silent: true })),
  });
}
