/** One number, what made it, where its gradient comes from, and what the last step did to it. */
import { type Explanation, type Factor, type Place, product, type Term } from '../engine/explain/terms.ts';
import type { Picture, PicturedTensor } from '../engine/picture.ts';
import type { Update } from '../engine/update.ts';
import { element, short } from './dom.ts';
import { positionOf, whereabouts } from './places.ts';
import { sourceOf } from './sources.ts';
import { updateBox } from './updateBox.ts';

interface Doors {
  explain(place: Place): Promise<{ whole: Explanation | null; uses: (Explanation | null)[] }>;
  go(place: Place): void;
  /** Sets a number of a parameter; returns what it did. */
  edit(name: string, index: number, value: number): Promise<string>;
}

/** Terms that are shown, the largest first. */
const MOST = 10;

export class ExplainPanel {
  readonly element = element('aside.card', { 'aria-label': 'The chosen number', 'aria-live': 'polite' });
  readonly #doors: Doors;
  #asked = 0;

  constructor(doors: Doors) {
    this.#doors = doors;
  }

  clear(): void {
    this.element.replaceChildren();
  }

  async show(picture: Picture, place: Place, update: Update | null): Promise<void> {
    const asked = ++this.#asked;
    const { whole, uses } = await this.#doors.explain(place);
    if (asked !== this.#asked) return; // another number has been chosen since
    const tensor = picture.tensors[place.tensor]!;
    const op = tensor.madeBy === null ? null : picture.calls[tensor.madeBy]!.op;
    const parts: (HTMLElement | null)[] = [
      this.#head(picture, tensor, place),
      whole && uses.length !== 1
        ? this.#explanation(whole, op && !place.gradient ? `made by ${op}` : 'The gradient')
        : null,
      !whole && !place.gradient
        ? element(
            'p',
            {},
            tensor.kind === 'parameter' ? 'A parameter: training moves it.' : 'Given: it is data.',
          )
        : null,
      ...uses.map((use, i) => use && this.#use(picture, tensor, use, i, place.index)),
      place.gradient ? this.#onwards(picture, tensor) : null,
      tensor.kind === 'parameter' ? this.#editor(tensor, place.index) : null,
      update ? updateBox(update, place.index) : null,
      update ? sourceOf(String(update.optimizer)) : null,
    ];
    this.element.replaceChildren(...parts.filter((part) => part !== null));
  }

  #head(picture: Picture, tensor: PicturedTensor, { index }: Place): HTMLElement {
    const { name, shape, values, gradient, id } = tensor;
    const other = (label: string, value: number | undefined, isGradient: boolean) =>
      element(
        'button.number',
        { onclick: () => this.#doors.go({ tensor: id, index, gradient: isGradient }) },
        element('small', {}, label),
        value === undefined ? '–' : short(value),
      );
    return element(
      'div',
      {},
      element('h2', {}, name, ' ', element('small', {}, `[${positionOf(shape, index).join(', ')}]`)),
      element('p.note', {}, whereabouts(picture, tensor, index)),
      element(
        'div.pair',
        {},
        other('value', values[index], false),
        other('gradient', gradient?.[index], true),
      ),
    );
  }

  #use(picture: Picture, tensor: PicturedTensor, use: Explanation, i: number, index: number): HTMLElement {
    const { call, values } = tensor.summands[i]!;
    const { op, layer } = picture.calls[call]!;
    const box = this.#explanation(use, `from ${op}${layer ? ` in ${layer}` : ''}: ${short(values[index]!)}`);
    box.append(sourceOf(op));
    return box;
  }

  /** Where the gradient of a result goes: to what it was made of. */
  #onwards({ tensors, calls }: Picture, { madeBy, kind }: PicturedTensor): HTMLElement | null {
    if (madeBy === null) return null;
    const { op, inputs } = calls[madeBy]!;
    const own = kind === 'attention weights' ? inputs.slice(0, 2) : inputs; // queries and keys
    const targets = own.map((id) => tensors[id]!).filter(({ gradient }) => gradient !== null);
    const buttons = targets.map(({ id, name }) =>
      element(
        'button.number',
        { onclick: () => this.#doors.go({ tensor: id, index: 0, gradient: true }) },
        name,
      ),
    );
    return element(
      'section.explanation',
      {},
      element('h3', {}, `goes on through ${op} to`),
      element('div.chips', {}, ...buttons),
    );
  }

  #explanation({ formula, terms, others, result }: Explanation, title: string): HTMLElement {
    const sorted = terms.toSorted((a, b) => Math.abs(product(b)) - Math.abs(product(a)));
    const rest = sorted.slice(MOST);
    const total = rest.reduce((sum, term) => sum + product(term), 0);
    return element(
      'section.explanation',
      {},
      element('h3', {}, title),
      element('p.formula', {}, formula),
      element(
        'ol.terms',
        {},
        ...sorted.slice(0, MOST).map((term) => this.#term(term)),
        ...(rest.length > 0
          ? [element('li.rest', {}, `and ${rest.length} smaller ones, together ${short(total)}`)]
          : []),
      ),
      ...(others.length > 0
        ? [element('ul.terms', {}, ...others.map((one) => element('li', {}, this.#factor(one))))]
        : []),
      element('p.result', {}, '= ', element('b', {}, short(result))),
    );
  }

  #term(term: Term): HTMLElement {
    const factors = term.flatMap((factor, i) => [
      ...(i > 0 ? [element('span.times', {}, '×')] : []),
      this.#factor(factor),
    ]);
    return element(
      'li',
      {},
      ...factors,
      ...(term.length > 1 ? [element('output', {}, short(product(term)))] : []),
    );
  }

  #factor({ label, value, place }: Factor): HTMLElement {
    const words = [element('small', {}, label), short(value)];
    return place
      ? element('button.number', { onclick: () => this.#doors.go(place) }, ...words)
      : element('span.number', {}, ...words);
  }

  #editor({ name, values }: PicturedTensor, index: number): HTMLElement {
    const input = element('input', {
      type: 'number',
      step: 'any',
      value: `${Number(values[index]!.toPrecision(9))}`, // all that float32 has
      'aria-label': 'new value',
    });
    const form = element('form.edit', {}, input, element('button', {}, 'Set this weight'));
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const told = await this.#doors.edit(name, index, Number(input.value));
      this.element.querySelector('.edit')?.after(element('p.note', {}, told));
    });
    return form;
  }
}
