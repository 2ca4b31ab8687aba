import { colour } from './colours.js';
import { nearest, tooltip } from './tooltip.js';
import { element, short } from './words.js';

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {() => string} colour asked for at every drawing
 * @property {number[]} x
 * @property {(number | null)[]} y
 * @property {number} [width]
 * @property {number[]} [dash]
 * @property {boolean} [faint] behind the others, and without a word in the legend
 * @property {boolean} [dots]
 */

/** A chart in a card: lines over steps or tokens. */
export class Chart {
  /** @type {uPlot | null} */
  #plot = null;
  #kind = '';
  #zoomed = false;
  #holder = element('div.chart');
  #format;
  /** @type {readonly Line[]} */
  #lines = [];

  /**
   * @param {HTMLElement} card
   * @param {(value: number | null) => string} [format] of the values
   */
  constructor(card, format = short) {
    card.append(this.#holder);
    this.#format = format;
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#holder);
  }

  /**
   * Draws these lines in place of the former ones.
   *
   * @param {readonly Line[]} lines
   * @param {{ log?: boolean, x?: string }} [options] x: what is counted along the axis
   */
  draw(lines, { log = false, x = 'step' } = {}) {
    this.#lines = lines.filter((line) => line.x.length > 0);
    const tables = this.#lines.map(({ x, y }) => /** @type {uPlot.AlignedData} */ ([x, y]));
    const data = tables.length > 0 ? uPlot.join(tables) : /** @type {uPlot.AlignedData} */ ([[]]);
    const kind = JSON.stringify([log, x, this.#lines.map(({ x, y, colour, ...look }) => look)]);
    if (kind !== this.#kind || !this.#plot) {
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#options(log, x), data, this.#holder);
      this.#kind = kind;
      this.#zoomed = false;
      this.#plot.over.addEventListener('dblclick', () => {
        this.#zoomed = false;
      });
    } else {
      this.#plot.setData(data, !this.#zoomed);
      if (this.#zoomed) this.#plot.redraw();
    }
  }

  /** Draws once more, in the colours of now. */
  redraw() {
    this.#plot?.redraw(false);
  }

  #size() {
    return { width: Math.max(200, this.#holder.clientWidth), height: this.#holder.clientHeight };
  }

  /**
   * @param {boolean} log
   * @param {string} x
   * @returns {uPlot.Options}
   */
  #options(log, x) {
    /** @type {uPlot.Axis} */
    const axis = {
      stroke: () => colour('faded'),
      grid: { stroke: () => colour('grid'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    };
    return {
      ...this.#size(),
      legend: { show: false },
      padding: [10, 22, 0, 0],
      cursor: {
        sync: { key: 'watch', scales: ['x', null] },
        drag: { x: true, y: false },
        points: { show: false },
        y: false,
      },
      scales: { x: { time: false }, y: log ? { distr: 3, range: logRange } : { range: linearRange } },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map(short), space: 70, gap: 4, size: 32 },
        {
          ...axis,
          values: (_, ticks) => ticks.map(short),
          size: 56,
          gap: 6,
          ...(log
            ? { splits: (_, _index, min, max) => logTicks(min, max), filter: (_, ticks) => ticks }
            : {}),
        },
      ],
      series: [{}, ...this.#lines.map((line, i) => this.#series(line, i))],
      hooks: {
        setSelect: [
          () => {
            this.#zoomed = true;
          },
        ],
      },
      plugins: [
        tooltip((chart, index) => ({
          title: `${x} ${Math.round(/** @type {number} */ (chart.data[0][index])).toLocaleString('en-US')}`,
          rows: this.#lines.flatMap(({ label, colour, faint }, i) => {
            const value = nearest(chart.data[i + 1] ?? [], index);
            return faint || value === null ? [] : [{ label, colour: colour(), value: this.#format(value) }];
          }),
        })),
      ],
    };
  }

  /**
   * @param {Line} line
   * @param {number} i
   * @returns {uPlot.Series}
   */
  #series({ label, width = 1.5, dash, faint, dots }, i) {
    return {
      label,
      width,
      stroke: () => this.#lines[i]?.colour() ?? '',
      alpha: faint ? 0.28 : 1,
      spanGaps: true,
      points: dots ? { show: true, size: 6, fill: () => this.#lines[i]?.colour() ?? '' } : { show: false },
      ...(dash ? { dash } : {}),
    };
  }
}

/** @type {uPlot.Range.Function} */
function linearRange(_, min, max) {
  if (min === null || max === null) return [0, 1];
  const room = 0.06 * (max - min) || Math.abs(max) || 1;
  return [min >= 0 ? Math.max(0, min - room) : min - room, max + room];
}

/** @type {uPlot.Range.Function} */
function logRange(_, min, max) {
  if (!(min > 0) || !(max > 0)) return [0.1, 1];
  const room = (max / min) ** 0.06 * 1.02;
  return [min / room, max * room];
}

/**
 * Ticks at 1, 2 and 5 times the powers of ten; powers alone where those would be too many.
 *
 * @param {number} min
 * @param {number} max
 */
function logTicks(min, max) {
  const [low, high] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  const spread = Math.log10(max / min);
  const steps = spread < 0.7 ? [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9] : spread < 2.5 ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = low; power <= high; power++)
    for (const step of steps) ticks.push(Number(`${step}e${power}`));
  return ticks.filter((tick) => tick >= min && tick <= max);
}
