import { Chart } from './chart.js';
import { colour, layerColour, runColour } from './colours.js';
import { smoothed } from './run.js';
import { byId, element, exact, short, whole } from './words.js';

/** @typedef {import('./run.js').Run} Run */
/** @typedef {import('./run.js').Points} Points */
/** @typedef {import('./chart.js').Line} Line */
/** @typedef {{ x: 'step' | 'tokens', smoothing: number, log: boolean }} View how curves are looked at */

/** Every chart of the page. */
export class Curves {
  #loss = new Chart(byId('loss'), exact);
  #lr = new Chart(byId('lr'));
  #gradientNorm = new Chart(byId('gradientNorm'));
  #speed = new Chart(byId('tokensPerSecond'), whole);
  #layerNorms = new Chart(byId('layerNorms'));
  #updateRatios = new Chart(byId('updateRatios'));
  #layerLegend = [byId('layerNorms'), byId('updateRatios')].map((card) => {
    const legend = element('p.legend');
    card.append(legend);
    return legend;
  });
  #lossLegend = element('p.legend');

  constructor() {
    byId('loss').append(this.#lossLegend);
  }

  /**
   * @param {readonly Run[]} runs those that are shown
   * @param {Run | undefined} focus the one whose layers are shown
   * @param {View} view
   */
  draw(runs, focus, view) {
    const several = runs.length > 1;
    const options = { x: view.x };
    /** @type {(label: string, run: Run) => string} */
    const named = (label, run) => (several ? `${run.name}, ${label}` : label);
    const loss = runs.flatMap((run) => lossLines(run, view, (label) => named(label, run)));
    this.#loss.draw([...loss, ...boundLines(runs, view)], { ...options, log: view.log });
    this.#lossLegend.replaceChildren(...lossMarks(runs));
    /** @type {(name: string, label: string) => Line[]} */
    const of = (name, label) => runs.map((run) => line(run, view, named(label, run), run.points(name)));
    this.#lr.draw(of('lr', 'learning rate'), options);
    const norms = runs.flatMap((run) => {
      const [points, label] = [run.points('gradientNorm'), named('norm', run)];
      return withSmooth(line(run, view, label, points), view.smoothing);
    });
    this.#gradientNorm.draw(norms, { ...options, log: true });
    this.#speed.draw(of('tokensPerSecond', 'tokens per second'), options);
    byId('tokensPerSecond').hidden = runs.every((run) => run.points('tokensPerSecond').x.length === 0);
    this.#drawLayers(focus, view);
  }

  /** Draws once more, in the colours of now. */
  redraw() {
    const all = [this.#loss, this.#lr, this.#gradientNorm, this.#speed, this.#layerNorms, this.#updateRatios];
    for (const chart of all) chart.redraw();
  }

  /**
   * @param {Run | undefined} run
   * @param {View} view
   */
  #drawLayers(run, view) {
    const layers = run?.layered('gradientNorm').map(([name]) => name) ?? [];
    for (const card of ['layerNorms', 'updateRatios']) byId(card).hidden = layers.length === 0;
    if (!run || layers.length === 0) return;
    /** @type {(name: string) => Line[]} */
    const lines = (name) =>
      run.layered(name).map(([layer, points], i) => ({
        ...line(run, view, layer, points),
        y: smoothed(points.y, view.smoothing / 2).map((value) => value || null),
        colour: () => layerColour(i, layers.length),
        width: 1.5,
      }));
    this.#layerNorms.draw(lines('gradientNorm'), { x: view.x, log: true });
    this.#updateRatios.draw(lines('updateRatio'), { x: view.x, log: true });
    for (const legend of this.#layerLegend)
      legend.replaceChildren(...layers.map((name, i) => mark(name, layerColour(i, layers.length))));
  }
}

/**
 * @param {Run} run
 * @param {View} view
 * @param {string} label
 * @param {Points} points
 * @returns {Line}
 */
function line(run, { x }, label, points) {
  const scale = x === 'tokens' ? (run.about.tokensPerStep ?? 1) : 1;
  return { label, colour: () => runColour(run.index), x: points.x.map((step) => scale * step), y: points.y };
}

/**
 * The single points faintly, and the course over them.
 *
 * @param {Line} single
 * @param {number} strength
 * @returns {Line[]}
 */
function withSmooth(single, strength) {
  if (strength === 0) return [single];
  const y = smoothed(/** @type {number[]} */ (single.y), strength);
  return [
    { ...single, faint: true, width: 1 },
    { ...single, y, width: 2 },
  ];
}

/**
 * @param {Run} run
 * @param {View} view
 * @param {(label: string) => string} named
 * @returns {Line[]}
 */
function lossLines(run, view, named) {
  const training = line(run, view, named('training'), run.points('loss'));
  const validation = line(run, view, named('validation'), run.points('validationLoss'));
  return [...withSmooth(training, view.smoothing), { ...validation, dots: true, dash: [2, 3] }];
}

/**
 * What no model can go below, a line for each text that is learned.
 *
 * @param {readonly Run[]} runs
 * @param {View} view
 * @returns {Line[]}
 */
function boundLines(runs, view) {
  return boundsOf(runs).map((bound) => {
    const same = runs.filter((run) => run.bound === bound);
    const steps = same.flatMap((run) => line(run, view, '', run.points('loss')).x);
    const ends = [steps.reduce((a, b) => Math.min(a, b)), steps.reduce((a, b) => Math.max(a, b))];
    const x = [...new Set(ends)];
    return { label: 'best possible', colour: () => colour('faded'), x, y: x.map(() => bound), dash: [8, 5] };
  });
}

/** @param {readonly Run[]} runs */
const boundsOf = (runs) => [...new Set(runs.flatMap(({ bound }) => (bound === undefined ? [] : [bound])))];

/**
 * The legend of the losses: what each kind of line is.
 *
 * @param {readonly Run[]} runs
 */
function lossMarks(runs) {
  const kinds = [element('span.line', {}, 'training')];
  if (runs.some((run) => run.points('validationLoss').x.length > 0))
    kinds.push(element('span.line.dotted', {}, 'validation'));
  const bounds = boundsOf(runs).map(short);
  if (bounds.length > 0)
    kinds.push(
      element('span.line.dashed', {}, `best possible: the entropy of the text, ${bounds.join(', ')}`),
    );
  return [...kinds, element('span.hint', {}, 'drag to zoom in, double-click to see all')];
}

/**
 * @param {string} name
 * @param {string} background
 */
function mark(name, background) {
  const swatch = element('i.swatch');
  swatch.style.background = background;
  return element('span', {}, swatch, name);
}
