import { check } from '../tensor/index.ts';
import { drawing } from './drawing.ts';

/** A box on a picture, in parts of it. */
export interface DrawnBox {
  readonly box: readonly [cx: number, cy: number, width: number, height: number];
  readonly text?: string;
  readonly colour: string;
}

/** Rows of pictures with boxes. */
export interface BoxGrid {
  readonly title: string;
  /** Rows from top to bottom; a picture is an address, such as `data:image/png;…`. */
  readonly rows: readonly (readonly { readonly image: string; readonly boxes: readonly DrawnBox[] }[])[];
  /** Words above the columns. Default: none. */
  readonly columns?: readonly string[];
  /** Side of a picture. Default 150. */
  readonly side?: number;
}

const GAP = 10;
const TOP = 62;
const FONT = 'sans-serif';

/** Pictures in rows, with boxes and words drawn over them, as an SVG. */
export function boxGrid({ title, rows, columns = [], side = 150 }: BoxGrid): string {
  const across = Math.max(0, ...rows.map((row) => row.length));
  check(across > 0, 'boxGrid', 'there is at least one picture', () => `${rows.length} rows`);
  const step = side + GAP;
  const words = columns.map((text, i) => ({
    type: 'text',
    style: { text, x: GAP + i * step + side / 2, y: TOP - 10, align: 'center', verticalAlign: 'bottom', fill: '#333333', font: `12px ${FONT}` },
  })); // biome-ignore format: a style
  const pictures = rows.flatMap((row, y) =>
    row.flatMap(({ image, boxes }, x) => {
      const corner = [GAP + x * step, TOP + y * step] as const;
      const picture = {
        type: 'image',
        style: { image, x: corner[0], y: corner[1], width: side, height: side },
      };
      return [picture, ...boxes.flatMap((one) => drawn(one, corner, side))];
    }),
  );
  return drawing(
    { width: GAP + across * step, height: TOP + rows.length * step },
    {
      title: { text: title, left: 'center', top: 10, textStyle: { fontSize: 15 } },
      graphic: [...words, ...pictures].map((element) => ({ ...element, silent: true })),
    },
  );
}

function drawn(
  { box: [cx, cy, w, h], text, colour }: DrawnBox,
  [left, top]: readonly [number, number],
  side: number,
) {
  const [x, y] = [left + (cx - w / 2) * side, top + (cy - h / 2) * side];
  const frame = {
    type: 'rect',
    shape: { x, y, width: w * side, height: h * side },
    style: { fill: 'none', stroke: colour, lineWidth: 2 },
  };
  if (text === undefined) return [frame];
  // Inside, from the upper left corner on; with a dark edge, so that it can be read over any colour.
  const style = {
    text,
    x: x + 3,
    y: y + 3,
    fill: '#ffffff',
    stroke: '#000000',
    lineWidth: 2.5,
    font: `bold 10px ${FONT}`,
  };
  return [frame, { type: 'text', style }];
}
