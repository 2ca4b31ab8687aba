/** The settings of a run as a form, made of their fields. */
import { type Field, fields, isUsed, type Name, names, parseValue, type Run } from '../engine/run.ts';
import { element } from './dom.ts';

const parts = { task: 'What it learns', model: 'The model', training: 'How it is trained' } as const;

export class Form {
  readonly #inputs = new Map<Name, HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>();
  readonly #labels = new Map<Name, HTMLElement>();

  /** @param changed called with the value of a field that has been changed, or with the error that it makes. */
  constructor(form: HTMLFormElement, changed: (name: Name, value: Run[Name] | Error) => void) {
    form.addEventListener('submit', (event) => event.preventDefault());
    for (const [part, title] of Object.entries(parts)) {
      const own = names.filter((name) => fields[name].part === part);
      form.append(
        element('fieldset', {}, element('legend', {}, title), ...own.map((name) => this.#row(name))),
      );
    }
    form.addEventListener('change', ({ target }) => {
      const name = (target as HTMLInputElement).name as Name;
      try {
        changed(name, parseValue(name, this.#inputs.get(name)!.value) as Run[Name]);
      } catch (error) {
        changed(name, error as Error);
      }
    });
  }

  show(run: Run): void {
    for (const [name, input] of this.#inputs) {
      input.value = `${run[name]}`;
      this.#labels.get(name)!.hidden = !isUsed(name, run);
    }
  }

  #row(name: Name): HTMLElement {
    const input = inputOf(name, fields[name] as Field);
    const label = element('label', {}, element('span', {}, fields[name].label), input);
    this.#inputs.set(name, input);
    this.#labels.set(name, label);
    return label;
  }
}

function inputOf(name: Name, { choices, initial, most }: Field) {
  if (choices) {
    const words = (value: Field['initial']) =>
      typeof value === 'boolean' ? (value ? 'yes' : 'no') : `${value}`;
    return element('select', { name }, ...choices.map((value) => new Option(words(value), `${value}`)));
  }
  if (typeof initial === 'string') return element('textarea', { name, rows: 4, maxLength: most });
  return element('input', { name, type: 'number', min: '0', max: '999999999', step: '1' });
}
