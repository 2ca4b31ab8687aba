import { AttentionView } from './attention.js';
import { Curves } from './curves.js';
import { Feed } from './feed.js';
import { Run } from './run.js';
import { drawSamples } from './samples.js';
import { Table } from './table.js';
import { byId, element } from './words.js';

/** @typedef {{ name: string, metrics: unknown[], watch: unknown[] }} Saved a run in a report */

/** Milliseconds between two looks at a run that goes on, and at a server that does not answer. */
const [SOON, LATER] = [1000, 4000];

const controls = /** @type {HTMLFormElement} */ (byId('controls'));
const tokensOption = /** @type {HTMLOptionElement} */ (controls.querySelector('[value=tokens]'));
const focus = /** @type {HTMLSelectElement} */ (byId('focus'));
const curves = new Curves();
const attention = new AttentionView();
/** @type {Run[]} */
let runs = [];
/** @type {Table} */
let table;

function draw() {
  const form = new FormData(controls);
  const shown = runs.filter((run) => run.shown && run.points('loss').x.length > 0);
  const allKnowTokens = shown.every((run) => run.about.tokensPerStep !== undefined);
  tokensOption.disabled = !allKnowTokens; // what was not watched does not tell
  const x = tokensOption.selected && allKnowTokens ? 'tokens' : 'step';
  const smoothing = Number(form.get('smoothing'));
  const one = runs[Number(focus.value)];
  byId('empty').hidden = runs.some((run) => run.step > 0);
  table.draw();
  curves.draw(shown, one, { x, smoothing, log: form.get('log') !== null });
  attention.draw(one);
  drawSamples(one);
}

/** @param {readonly string[]} names */
function begin(names) {
  runs = names.map((name, index) => new Run(name, index));
  table = new Table(runs, draw);
  document.title = `${names.join(', ')} · Scratchformer`;
  focus.replaceChildren(...names.map((name, i) => element('option', { value: `${i}` }, name)));
  /** @type {HTMLElement} */ (focus.closest('.focus')).hidden = names.length < 2;
  for (const control of [controls, focus]) control.addEventListener('input', draw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    curves.redraw();
    draw();
    attention.redraw();
  });
}

/** @param {readonly Saved[]} saved */
function showReport(saved) {
  begin(saved.map(({ name }) => name));
  for (const [i, { metrics, watch }] of saved.entries()) {
    runs[i]?.metrics.add(metrics);
    runs[i]?.watch.add(watch);
  }
  status('report', 'A report of what was recorded');
  draw();
}

async function follow() {
  begin(await (await fetch('runs')).json());
  const feeds = runs.flatMap((run, i) =>
    /** @type {const} */ (['metrics', 'watch']).map((kind) => ({
      lines: run[kind],
      feed: new Feed(`runs/${i}/${kind}`),
    })),
  );
  for (let first = true; ; first = false) {
    let wait = SOON;
    try {
      const news = await Promise.all(feeds.map(({ feed }) => feed.poll()));
      for (const [i, { fresh, lines }] of news.entries()) {
        if (fresh) feeds[i]?.lines.clear();
        feeds[i]?.lines.add(lines);
      }
      status('live', 'Live');
      if (first || news.some(({ fresh, lines }) => fresh || lines.length > 0)) draw();
    } catch {
      status('lost', 'The server has ended: scratchformer watch RUN starts it again');
      wait = LATER;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/**
 * @param {string} kind
 * @param {string} words
 */
function status(kind, words) {
  const shown = byId('status');
  if (shown.className === kind) return;
  shown.className = kind;
  shown.textContent = words;
}

const saved = document.getElementById('data');
if (saved) showReport(JSON.parse(saved.textContent ?? ''));
else follow();
