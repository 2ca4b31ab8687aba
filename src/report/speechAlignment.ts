import { check } from '../tensor/index.ts';
import { drawing } from './drawing.ts';

/** A sound, and what a model with CTC heard at each moment of it. */
export interface SpeechAlignment {
  readonly title: string;
  /** Log energies: spectrogram[frame][band], the lowest band first. */
  readonly spectrogram: readonly ArrayLike<number>[];
  /**
   * Probabilities of all symbols, probabilities[frame][symbol], for frames of the same sound; symbol 0 is the
   * blank.
   */
  readonly probabilities: readonly ArrayLike<number>[];
  /** Names of the symbols, that of the blank first. */
  readonly symbols: readonly string[];
  /** Length of the sound. */
  readonly seconds: number;
}

const RAMP = ['#f4f7fb', '#d5e3f3', '#aac7e6', '#7aa6d8', '#4d80bb', '#295a95', '#123a6b'] as const;
const ACCENT = '#c0392b';
const LEFT = 70;
const WIDE = 660;
const TOP = 70;
const HIGH = 200;
const ROW = 18;
const GAP = 14;

/**
 * The spectrogram of a sound, and beneath it how probable each symbol is at each moment, as an SVG: the
 * darker, the more. Symbols that are nowhere probable are left out. A line stands where the most probable
 * path begins a symbol.
 */
export function speechAlignment(picture: SpeechAlignment): string {
  const { title, spectrogram, probabilities, symbols, seconds } = picture;
  check(
    spectrogram.length > 0 && probabilities.length > 0 && probabilities[0]!.length === symbols.length,
    'speechAlignment',
    'there are frames, and a name for each symbol',
    () => `${spectrogram.length} and ${probabilities.length} frames, ${symbols.length} names`,
  );
  const shown = symbols.flatMap((name, symbol) =>
    symbol === 0 || probabilities.some((row) => row[symbol]! > 0.2) ? [{ name, symbol }] : [],
  );
  const below = TOP + HIGH + GAP;
  const bottom = below + shown.length * ROW;
  const wide = WIDE / probabilities.length;
  const begins = begun(probabilities).map(({ t, symbol }) => ({
    x: LEFT + (t + 0.5) * wide,
    name: symbols[symbol]!,
  }));
  return drawing(
    { width: LEFT + WIDE + 30, height: bottom + 50 },
    inOneSeries([
      text(title, LEFT + WIDE / 2, 20, { fontSize: 15, fontWeight: 'bold' }),
      text('high', LEFT - 10, TOP + 8, { textAlign: 'right' }),
      text('low', LEFT - 10, TOP + HIGH - 8, { textAlign: 'right' }),
      ...cells(levelsOf(spectrogram), { x: LEFT, y: TOP, width: WIDE, height: HIGH }),
      ...cells(
        probabilities.map((row) => shown.map(({ symbol }) => level(row[symbol]!)).reverse()),
        { x: LEFT, y: below, width: WIDE, height: shown.length * ROW },
      ),
      ...shown.map(({ name }, i) => text(name, LEFT - 10, below + (i + 0.5) * ROW, { textAlign: 'right' })),
      ...begins.map(({ x }) => ({
        type: 'line',
        shape: { x1: x, x2: x, y1: TOP, y2: bottom },
        style: { stroke: ACCENT, lineWidth: 1, opacity: 0.8 },
      })),
      ...begins.map(({ x, name }) => text(name, x, TOP - 14, { fontSize: 15, fill: ACCENT })),
      ...ticks(seconds).map((second) =>
        text(second.toFixed(1), LEFT + (WIDE * second) / seconds, bottom + 14, {}),
      ),
      text('seconds', LEFT + WIDE / 2, bottom + 34, {}),
    ]),
  );
}

/** Shapes of our own as a chart. */
function inOneSeries(children: readonly object[]): Parameters<typeof drawing>[1] {
  const renderItem = () => ({ type: 'group', children });
  return { series: [{ type: 'custom', coordinateSystem: 'none', silent: true, data: [0], renderItem }] };
}

/** The frames at which the best symbol of each frame changes to another than the blank. */
function begun(probabilities: readonly ArrayLike<number>[]): { t: number; symbol: number }[] {
  const best = probabilities.map((row) => Array.from(row).indexOf(Math.max(...Array.from(row))));
  return best.flatMap((symbol, t) => (symbol !== 0 && symbol !== best[t - 1] ? [{ t, symbol }] : []));
}

function ticks(seconds: number): number[] {
  return Array.from({ length: Math.floor(seconds / 0.2) + 1 }, (_, i) => i * 0.2);
}

const level = (share: number) =>
  Math.max(0, Math.min(RAMP.length - 1, Math.round(share * (RAMP.length - 1))));

/**
 * The levels of a spectrogram: the faintest twentieth of it is the palest, the loudest hundredth the darkest.
 */
function levelsOf(rows: readonly ArrayLike<number>[]): number[][] {
  const sorted = rows.flatMap((row) => Array.from(row)).sort((a, b) => a - b);
  const [low, high] = [0.05, 0.99].map((share) => sorted[Math.floor(share * (sorted.length - 1))]!);
  return rows.map((row) => Array.from(row, (x) => level((x - low!) / (high! - low! || 1))));
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The cells of levels[column][row], rows from the bottom up: for each level one path, in which neighbours are
 * one.
 */
function cells(levels: readonly (readonly number[])[], { x, y, width, height }: Box): object[] {
  const [columns, rows] = [levels.length, levels[0]!.length];
  const [wide, high] = [width / columns, height / rows];
  const paths = RAMP.map(() => '');
  for (let row = 0; row < rows; row++) {
    for (let from = 0, to = 0; from < columns; from = to) {
      const here = levels[from]![row]!;
      while (to < columns && levels[to]![row] === here) to++;
      const [left, top] = [x + from * wide, y + height - (row + 1) * high];
      const across = ((to - from) * wide).toFixed(1);
      if (here > 0)
        paths[here] += `M${left.toFixed(1)} ${top.toFixed(1)}h${across}v${high.toFixed(1)}h-${across}z`;
    }
  }
  const background = { type: 'rect', shape: { x, y, width, height }, style: { fill: RAMP[0] } };
  const drawn = paths.map((pathData, i) => ({ type: 'path', shape: { pathData }, style: { fill: RAMP[i] } }));
  return [background, ...drawn.filter(({ shape }) => shape.pathData !== '')];
}

function text(words: string, x: number, y: number, style: object): object {
  return {
    type: 'text',
    x,
    y,
    style: {
      text: words,
      fontSize: 12,
      fontFamily: 'sans-serif',
      fill: '#333333',
      textAlign: 'center',
      textVerticalAlign: 'middle',
      ...style,
    },
  };
}
