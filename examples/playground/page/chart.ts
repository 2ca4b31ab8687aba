/** A chart of lines over one axis. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colour, element, onRecolour, short } from './dom.ts';

export interface Line {
  readonly label: string;
  /** A colour of the style sheet. */
  readonly colour: string;
  readonly y: readonly (number | null)[];
  readonly width?: number;
  readonly dash?: number[];
  readonly alpha?: number;
  readonly dots?: boolean;
  /** Not in the legend. */
  readonly silent?: boolean;
}

export class Chart {
  readonly #holder: HTMLElement;
  readonly #legend = element('ul.legend');
  readonly #name: string;
  readonly #range: readonly [number, number] | null;
  #plot: uPlot | null = null;
  #kind = '';
  #lines: readonly Line[] = [];

  /** @param range of the values; without it, what there is. */
  constructor(place: HTMLElement, name: string, range: readonly [number, number] | null = null) {
    this.#holder = element('div.chart', { role: 'img', 'aria-label': name });
    this.#name = name;
    this.#range = range;
    place.append(this.#holder, this.#legend);
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#holder);
    onRecolour(() => this.#plot?.redraw(false));
  }

  draw(x: readonly number[], lines: readonly Line[]): void {
    this.#lines = lines;
    const data = [x, ...lines.map(({ y }) => y)] as uPlot.AlignedData;
    const kind = JSON.stringify(lines.map(({ y, ...look }) => look));
    if (this.#plot && kind === this.#kind) return this.#plot.setData(data);
    this.#kind = kind;
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(), data, this.#holder);
    const shown = lines.filter(({ silent }) => !silent);
    this.#legend.replaceChildren(
      ...shown.map(({ label, colour, dash, dots }) =>
        element(
          'li',
          {},
          element(dots ? 'i.dot' : dash ? 'i.dashed' : 'i', { style: `--own: var(--${colour})` }),
          label,
        ),
      ),
    );
    this.#holder.setAttribute('aria-label', `${this.#name}: ${shown.map(({ label }) => label).join(', ')}`);
  }

  #size() {
    return { width: Math.max(160, this.#holder.clientWidth), height: this.#holder.clientHeight };
  }

  #options(): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: () => colour('faded'),
      grid: { stroke: () => colour('grid'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
      values: (_, ticks) => ticks.map(short),
    };
    const range = this.#range;
    return {
      ...this.#size(),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      padding: [8, 16, 0, 0],
      scales: { x: { time: false }, y: { range: range ? [range[0], range[1]] : roomy } },
      axes: [
        { ...axis, space: 60, size: 30, gap: 8 },
        { ...axis, size: 46, gap: 6 },
      ],
      series: [{}, ...this.#lines.map((line, i) => this.#series(line, i))],
    };
  }

  #series({ width = 2, dash, alpha = 1, dots }: Line, i: number): uPlot.Series {
    const own = () => colour(this.#lines[i]!.colour);
    return {
      stroke: own,
      width: dots ? 0 : width,
      alpha,
      spanGaps: true,
      points: dots ? { show: true, size: 5, width: 0, fill: own } : { show: false },
      ...(dots ? { paths: () => null } : {}),
      ...(dash ? { dash } : {}),
    };
  }
}

const roomy: uPlot.Range.Function = (_, min, max) => {
  if (min === null || max === null || min > max) return [0, 1];
  const room = 0.06 * (max - min) || 1;
  return [min >= 0 ? Math.min(min, 0) : min - room, max + room];
};
