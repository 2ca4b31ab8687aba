import { byId, duration, element, exact, short, whole } from './words.js';

/** @typedef {import('./run.js').Run} Run */

const columns = [
  'run',
  'step',
  'training loss',
  'validation loss',
  'its best',
  'in bits/byte',
  'bound',
  'tokens/s',
  'left',
  'parameters',
];

/** The table of runs, which is the legend as well: a row shows or hides its run. */
export class Table {
  /** @type {[run: Run, label: HTMLElement, cells: HTMLElement[]][]} */
  #rows;

  /**
   * @param {readonly Run[]} runs
   * @param {() => void} changed called when a run is shown or hidden
   */
  constructor(runs, changed) {
    this.#rows = runs.map((run) => {
      const box = element(`input.run-${run.index % 8}`, {
        type: 'checkbox',
        checked: true,
        disabled: runs.length === 1,
        oninput: () => {
          run.shown = !run.shown;
          changed();
        },
      });
      const cells = columns.slice(1).map(() => element('td'));
      return [run, element('label', {}, box, run.name), cells];
    });
    const names = columns.map((name) => element('th', { scope: 'col' }, name));
    const rows = this.#rows.map(([, label, cells]) =>
      element('tr', {}, element('th', { scope: 'row' }, label), ...cells),
    );
    const head = element('thead', {}, element('tr', {}, ...names));
    byId('runs').replaceChildren(element('table', {}, head, element('tbody', {}, ...rows)));
  }

  /** Shows the numbers of now. */
  draw() {
    for (const [run, label, cells] of this.#rows) {
      label.title = run.about.data ? `data: ${run.about.data}` : '';
      for (const [i, text] of numbers(run).entries()) if (cells[i]) cells[i].textContent = text;
    }
  }
}

/** @param {Run} run */
function numbers(run) {
  const { steps, tokensPerStep, parameters } = run.about;
  const validation = run.points('validationLoss').y;
  const bits = run.points('validationBitsPerByte').y;
  const speed = run.points('tokensPerSecond').y.at(-1);
  const left = steps && tokensPerStep && speed ? ((steps - run.step) * tokensPerStep) / speed : undefined;
  return [
    steps ? `${whole(run.step)} / ${whole(steps)}` : whole(run.step),
    exact(meanOfLast(run.points('loss').y)),
    exact(validation.at(-1)),
    exact(lowest(validation)),
    exact(lowest(bits)),
    exact(run.bound),
    whole(speed),
    left === undefined ? '–' : left <= 0 ? 'done' : duration(left),
    short(parameters),
  ];
}

/** @param {readonly number[]} values */
const lowest = (values) =>
  values.length > 0 ? values.reduce((least, value) => Math.min(least, value)) : undefined;

/**
 * The loss of the last steps: that of one batch says little.
 *
 * @param {readonly number[]} losses
 */
function meanOfLast(losses) {
  const last = losses.slice(-20);
  return last.length > 0 ? last.reduce((sum, loss) => sum + loss, 0) / last.length : undefined;
}
