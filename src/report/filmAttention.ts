import { check } from '../tensor/index.ts';

/** What `filmAttention` draws. */
export interface FilmAttention {
  readonly title: string;
  /** The film, (T, H, W, 3) numbers from 0 to 1. */
  readonly pixels: ArrayLike<number>;
  /** Its T, H and W. */
  readonly size: readonly [number, number, number];
  /** Number of tubelets in time, from top to bottom, and from left to right. */
  readonly grid: readonly [number, number, number];
  /** The words that are written, one in a row of the picture. */
  readonly words: readonly string[];
  /** Weights of each word for the tubelets, in row-major order: weights[word][tubelet]. */
  readonly weights: readonly (readonly number[])[];
}

const FRAME = 60;
const STEP = FRAME + 6;
const MARGIN = { left: 96, top: 46, right: 20, bottom: 16 };
/** Opacity of the veil over what gets no attention. */
const VEIL = 0.88;

/**
 * Where a captioner looks, as an SVG: the film in the first row, one picture of each tubelet; then a row for
 * each word, with a veil over the film, the thinner the more attention. Written by hand and not by a library,
 * because so each picture is drawn once and used in every row.
 */
export function filmAttention({ title, pixels, size, grid, words, weights }: FilmAttention): string {
  const [[T, H, W], [times, down, across]] = [size, grid];
  check(
    pixels.length === T * H * W * 3 && weights.every((row) => row.length === times * down * across),
    'filmAttention',
    'there are colours for each pixel of the film, and weights for each tubelet',
    () => `${pixels.length} numbers and ${weights.map(({ length }) => length).join(', ')} weights`,
  );
  const [width, height] = [
    MARGIN.left + times * STEP + MARGIN.right,
    MARGIN.top + (words.length + 1) * STEP + MARGIN.bottom,
  ];
  const symbols = Array.from({ length: times }, (_, t) => {
    const first = Math.floor((t * T) / times);
    const drawn = drawPixels(pixels, first * H * W * 3, H, W);
    return tag('symbol', { id: `f${t}`, viewBox: `0 0 ${W} ${H}` }, drawn);
  });
  const row = (label: string, i: number, veils: (t: number) => string) => {
    const y = MARGIN.top + i * STEP;
    const at = { x: MARGIN.left - 10, y: y + FRAME / 2 + 4, 'text-anchor': 'end', 'font-size': 13 };
    const shown = symbols.map((_, t) => {
      const place = { x: MARGIN.left + t * STEP, y, width: FRAME, height: FRAME };
      const veil = tag('svg', { ...place, viewBox: `0 0 ${across} ${down}` }, veils(t));
      return tag('use', { href: `#f${t}`, ...place }) + veil;
    });
    return tag('text', at, escaped(label)) + shown.join('');
  };
  const inTime = <X>(list: readonly X[], t: number) => list.slice(t * down * across, (t + 1) * down * across);
  const heading = { x: width / 2, y: 26, 'text-anchor': 'middle', 'font-size': 15, 'font-weight': 'bold' };
  const lines = [
    tag('rect', { width, height, fill: '#fff' }),
    tag('defs', {}, symbols.join('')),
    tag('text', heading, escaped(title)),
    row('the film', 0, () => ''),
    ...words.map((word, i) => row(word, i + 1, (t) => veilOver(inTime(thickness(weights[i]!), t), across))),
  ];
  const xmlns = 'http://www.w3.org/2000/svg';
  const style = { 'font-family': 'sans-serif', fill: '#333', 'shape-rendering': 'crispEdges' };
  const viewBox = `0 0 ${width} ${height}`;
  return `${tag('svg', { xmlns, width, height, viewBox, ...style }, `\n${lines.join('\n')}\n`)}\n`;
}

/** Opacity of the veil over each tubelet: none where a word looks most. */
function thickness(weights: readonly number[]): number[] {
  const most = Math.max(...weights);
  return weights.map((weight) => VEIL * (1 - weight / most));
}

function veilOver(opacities: readonly number[], across: number): string {
  const down = opacities.length / across;
  const shade = (x: number, y: number) => (Math.round(50 * opacities[y * across + x]!) / 50).toFixed(2);
  return cells(down, across, shade, (opacity) => ({ fill: '#fff', 'fill-opacity': opacity }));
}

function tag(name: string, attributes: Record<string, string | number>, inner = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
  return `<${name}${written.join('')}${inner === '' ? '/>' : `>${inner}</${name}>`}`;
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** One picture, in a palette of eight shades to a channel. */
function drawPixels(pixels: ArrayLike<number>, from: number, H: number, W: number): string {
  const colour = (x: number, y: number) => colourOf(pixels, from + (y * W + x) * 3);
  return cells(H, W, colour, (fill) => ({ fill }));
}

/** A table of H · W squares of unit size, as one path for each look; runs of squares that look the same are one. */
function cells(
  H: number,
  W: number,
  look: (x: number, y: number) => string,
  attributes: (look: string) => Record<string, string>,
): string {
  const byLook = new Map<string, string>();
  for (let y = 0; y < H; y++) {
    const looks = Array.from({ length: W }, (_, x) => look(x, y));
    for (let x = 0; x < W; ) {
      let end = x + 1;
      while (end < W && looks[end] === looks[x]) end++;
      const run = `M${x} ${y}h${end - x}v1H${x}z`;
      byLook.set(looks[x]!, (byLook.get(looks[x]!) ?? '') + run);
      x = end;
    }
  }
  return [...byLook].map(([look, d]) => tag('path', { ...attributes(look), d })).join('');
}

function colourOf(pixels: ArrayLike<number>, at: number): string {
  const shade = (value: number) => Math.round((Math.round(7 * value) / 7) * 15).toString(16);
  return `#${shade(pixels[at]!)}${shade(pixels[at + 1]!)}${shade(pixels[at + 2]!)}`;
}
