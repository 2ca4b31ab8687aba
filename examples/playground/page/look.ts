/** Looking inside: every tensor of one example, forward and backward, and what made each number. */
import type { Place } from '../engine/explain/index.ts';
import type { Picture, PicturedCall, PicturedTensor } from '../engine/picture.ts';
import type { Update } from '../engine/update.ts';
import type { Client } from './client.ts';
import { element } from './dom.ts';
import { ExplainPanel } from './explainPanel.ts';
import { followColours, NumberMap } from './numberMap.ts';
import { isMove, sectionsOf } from './sections.ts';
import { sourceOf } from './sources.ts';

export class Look {
  readonly #client: Client;
  readonly #trouble: (error: unknown) => void;
  readonly #flow = element('div.flow');
  readonly #strip = element('div.strip', { tabIndex: 0, role: 'group', 'aria-label': 'The example' });
  readonly #loss = element('output');
  readonly #panel: ExplainPanel;
  readonly #switches: readonly HTMLButtonElement[];
  /** By the tensor that each shows; a shared parameter has several. */
  #maps: [tensor: number, map: NumberMap][] = [];
  #picture: Picture | null = null;
  #updates: ReadonlyMap<string, Update> = new Map();
  #gradient = false;
  #place: Place | null = null;

  constructor(home: HTMLElement, client: Client, trouble: (error: unknown) => void) {
    this.#client = client;
    this.#trouble = trouble;
    this.#panel = new ExplainPanel({
      explain: (place) => client.ask('explain', place),
      go: (place) => void this.#choose(place, true),
      edit: (name, index, value) => this.#edit(name, index, value),
    });
    this.#switches = [false, true].map((gradient) =>
      element(
        'button',
        { onclick: () => this.#turn(gradient) },
        gradient ? 'Backward: gradients' : 'Forward: values',
      ),
    );
    const other = element('button', { onclick: () => void this.show(true) }, 'Another example');
    const group = element('div.switch', { role: 'group', 'aria-label': 'What is shown' }, ...this.#switches);
    home.append(
      element('div.bar', {}, group, other, key(), this.#loss),
      this.#strip,
      element('div.inside', {}, this.#flow, this.#panel.element),
    );
    followColours(() => this.#maps.map(([, map]) => map));
    this.#turn(false);
  }

  /** Looks at the model as it is now. */
  async show(other = false): Promise<void> {
    try {
      this.#picture = await this.#client.ask('look', other);
      await this.#draw(this.#picture);
    } catch (error) {
      this.#trouble(error);
    }
  }

  /** A step has been taken: its numbers. */
  updated(updates: readonly Update[]): void {
    this.#updates = new Map(updates.map((update) => [update.name, update]));
  }

  /** Another run has begun. */
  forget(): void {
    this.#updates = new Map();
    this.#place = null;
    this.#panel.clear();
  }

  async #draw(picture: Picture): Promise<void> {
    this.#maps = [];
    this.#loss.replaceChildren(element('small', {}, 'loss of this example '), picture.loss.toFixed(5));
    this.#strip.replaceChildren(
      ...picture.read.map((token, t) =>
        element(
          'span',
          {},
          element('b', {}, visible(token)),
          element('small', {}, `→ ${visible(picture.wanted[t] ?? '·')}`),
        ),
      ),
    );
    this.#flow.replaceChildren(
      ...sectionsOf(picture).map(({ title, calls }) =>
        element(
          'section',
          {},
          element('h2', {}, title),
          element('div.calls', {}, ...calls.map((call) => this.#card(picture, call))),
        ),
      ),
    );
    this.#paint(this.#gradient);
    const last = picture.calls.at(-1)!.output;
    await this.#choose(this.#place ?? { tensor: last, index: 0, gradient: false }, false);
  }

  #card(picture: Picture, call: PicturedCall): HTMLElement {
    const at = (id: number) => picture.tensors[id]!;
    const output = at(call.output);
    const parameters = call.inputs.map(at).filter(({ kind }) => kind === 'parameter');
    const size = output.shape.slice(output.shape[0] === 1 ? 1 : 0).join(' × ');
    const shape = element('small', {}, size || 'one number');
    const layer = call.layer.replace(/^blocks\.\d+\.?/, '');
    const title = element('h3', {}, element('b', {}, call.op), ' ', layer === call.op ? '' : layer, shape);
    const maps = [
      ...parameters.map((one) => this.#labelled(one, one.name.split('.').at(-1)!)),
      ...(call.weights === null ? [] : [this.#labelled(at(call.weights), 'weights P: who reads whom')]),
      this.#labelled(output, call.weights === null ? '' : 'mixture of values'),
    ];
    const source = sourceOf(call.op);
    if (isMove(call)) {
      const summary = element(
        'summary',
        {},
        element('b', {}, call.op),
        ' the same numbers, otherwise arranged',
      );
      return element('details.call.move', {}, summary, element('div.maps', {}, ...maps), source);
    }
    return element('article.call', {}, title, element('div.maps', {}, ...maps), source);
  }

  #labelled(tensor: PicturedTensor, words: string): HTMLElement {
    const map = new NumberMap(tensor, `${tensor.name} ${words}`, (index) =>
      this.#choose({ tensor: tensor.id, index, gradient: this.#gradient }, false),
    );
    this.#maps.push([tensor.id, map]);
    const kind = tensor.kind === 'parameter' ? 'figure.parameter' : 'figure';
    return element(kind as 'figure', {}, map.element, ...(words ? [element('figcaption', {}, words)] : []));
  }

  #turn(gradient: boolean): void {
    this.#paint(gradient);
    if (this.#place) void this.#choose({ ...this.#place, gradient }, false);
  }

  #paint(gradient: boolean): void {
    this.#gradient = gradient;
    for (const [i, button] of this.#switches.entries())
      button.setAttribute('aria-pressed', `${Boolean(i) === gradient}`);
    for (const [, map] of this.#maps) map.draw(gradient);
  }

  async #choose(place: Place, scroll: boolean): Promise<void> {
    this.#place = place;
    const picture = this.#picture!;
    const tensor = picture.tensors[place.tensor];
    if (!tensor || place.index >= tensor.values.length) return;
    if (place.gradient !== this.#gradient) this.#paint(place.gradient);
    for (const [id, map] of this.#maps) map.mark(id === place.tensor ? place.index : null);
    const shown = this.#maps.find(([id]) => id === place.tensor);
    if (scroll) shown?.[1].element.scrollIntoView({ block: 'nearest', behavior: calm() });
    try {
      await this.#panel.show(picture, place, this.#updates.get(tensor.name) ?? null);
    } catch (error) {
      this.#trouble(error);
    }
  }

  async #edit(name: string, index: number, value: number): Promise<string> {
    const [before, tensor] = [this.#picture!.loss, this.#picture!.tensors[this.#place!.tensor]!];
    const foretold = (value - tensor.values[index]!) * (tensor.gradient?.[index] ?? 0);
    await this.#client.ask('edit', name, index, value);
    await this.show();
    const moved = this.#picture!.loss - before;
    return `The loss moved by ${moved.toExponential(3)}; change × gradient foretold ${foretold.toExponential(3)}.`;
  }
}

/** What the colours mean. */
const key = () =>
  element('span.key', {}, 'below zero', element('i'), 'above; each map by its own largest number');

const visible = (token: string) => (token === ' ' ? '␣' : token === '\n' ? '⏎' : token);

const calm = () => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth');
