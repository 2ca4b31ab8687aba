import { colour } from './colours.js';
import { byId, element, whole } from './words.js';

/** @typedef {import('./run.js').Run} Run */
/** @typedef {import('./run.js').Attention} Attention */
/** @typedef {{ step: number, value: Attention }} Look */

/**
 * Who looks at whom in a text: the text, in which a chosen token's attention is shaded, and below it a map for
 * each head, row by row from the first token on.
 */
export class AttentionView {
  #card = byId('attention');
  #when = /** @type {HTMLInputElement} */ (element('input', { type: 'range', min: '0', step: '1' }));
  #layer = /** @type {HTMLSelectElement} */ (element('select'));
  #step = element('output');
  #text = element('p.probe');
  #maps = element('div.maps');
  /** @type {Look[]} */
  #looks = [];
  #head = 0;
  #row = -1;
  #drawn = '';

  constructor() {
    const line = element(
      'form.line-up',
      {},
      element('label', {}, 'layer ', this.#layer),
      element('label', {}, 'at ', this.#when, ' ', this.#step),
    );
    const note = element('p.note', {}, 'Point at a token, or at a row of a map, to see where it looks.');
    this.#card.append(line, this.#text, note, this.#maps);
    for (const control of [this.#when, this.#layer]) control.addEventListener('input', () => this.#show());
  }

  /** @param {Run | undefined} run */
  draw(run) {
    const looks = /** @type {Look[]} */ (run?.watch.others.get('attention') ?? []);
    this.#card.hidden = looks.length === 0;
    const state = `${run?.name} ${looks.length} ${looks.at(-1)?.step}`;
    if (state === this.#drawn || looks.length === 0) return;
    const atEnd = Number(this.#when.value) >= this.#looks.length - 1;
    this.#drawn = state;
    this.#looks = looks;
    this.#when.max = `${looks.length - 1}`;
    if (atEnd) this.#when.value = this.#when.max;
    const names = looks.at(-1)?.value.layers.map(({ name }) => name) ?? [];
    if (this.#layer.options.length !== names.length)
      this.#layer.replaceChildren(...names.map((name, i) => element('option', { value: `${i}` }, name)));
    this.#show();
  }

  /** Draws once more, in the colours of now. */
  redraw() {
    if (this.#looks.length > 0) this.#show();
  }

  #show() {
    const look = this.#looks[Number(this.#when.value)] ?? this.#looks.at(-1);
    const layer = look?.value.layers[Number(this.#layer.value)];
    if (!look || !layer) return;
    const { tokens } = look.value;
    const heads = layer.heads.map(weightsOf);
    this.#step.textContent = `step ${whole(look.step)}`;
    if (this.#row < 0 || this.#row >= tokens.length) this.#row = tokens.length - 1;
    this.#head = Math.min(this.#head, heads.length - 1);
    const choose = (/** @type {number} */ row, head = this.#head) => {
      [this.#row, this.#head] = [row, head];
      this.#shade(tokens, heads);
    };
    this.#text.replaceChildren(
      ...tokens.map((token, i) =>
        element('span', { onpointerenter: () => choose(i), onclick: () => choose(i) }, visible(token)),
      ),
    );
    this.#maps.replaceChildren(
      ...heads.map((weights, head) => {
        const canvas = drawnMap(weights, tokens.length);
        canvas.addEventListener('pointermove', ({ offsetY }) =>
          choose(
            Math.max(
              0,
              Math.min(tokens.length - 1, Math.floor((offsetY / canvas.clientHeight) * tokens.length)),
            ),
            head,
          ),
        );
        return element('figure', {}, canvas, element('figcaption', {}, `head ${head + 1}`));
      }),
    );
    this.#shade(tokens, heads);
  }

  /**
   * @param {readonly string[]} tokens
   * @param {readonly Uint8Array[]} heads
   */
  #shade(tokens, heads) {
    const T = tokens.length;
    const row = heads[this.#head]?.subarray(this.#row * T, (this.#row + 1) * T) ?? new Uint8Array();
    const most = Math.max(1, ...row);
    for (const [i, span] of [...this.#text.children].entries()) {
      const share = Math.round(100 * ((row[i] ?? 0) / most));
      /** @type {HTMLElement} */ (span).style.backgroundColor =
        `color-mix(in oklab, ${colour('heat')} ${0.75 * share}%, transparent)`;
      span.classList.toggle('chosen', i === this.#row);
    }
    for (const [head, figure] of [...this.#maps.children].entries())
      figure.classList.toggle('chosen', head === this.#head);
  }
}

/** @param {string} base64 */
const weightsOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** @param {string} token */
const visible = (token) => token.replaceAll('\n', '↵').replaceAll('\t', '⇥');

/**
 * A map of T·T weights, one pixel each; the style sheet makes it large.
 *
 * @param {Uint8Array} weights
 * @param {number} T
 */
function drawnMap(weights, T) {
  const canvas = /** @type {HTMLCanvasElement} */ (element('canvas', { width: T, height: T }));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = colour('heat');
  for (const [i, weight] of weights.entries()) {
    context.globalAlpha = Math.sqrt(weight / 255); // so that small ones are seen, too
    context.fillRect(i % T, Math.floor(i / T), 1, 1);
  }
  return canvas;
}
