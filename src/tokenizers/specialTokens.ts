import { check, display, withDefaults } from '../tensor/index.ts';
import type { EncodeOptions } from './tokenizer.ts';

/** The special tokens of a tokenizer, which finds them in texts. */
export class SpecialTokens {
  readonly ids: ReadonlyMap<string, number>;
  readonly #names: ReadonlyMap<number, string>;
  readonly #pattern: RegExp;

  constructor(where: string, ids: ReadonlyMap<string, number>) {
    checkNames(where, [...ids.keys()]);
    this.ids = ids;
    this.#names = new Map([...ids].map(([name, id]) => [id, name]));
    const longestFirst = [...ids.keys()].sort((a, b) => b.length - a.length).map(escaped);
    this.#pattern = new RegExp(`(${longestFirst.join('|') || '(?!)'})`, 'u'); // (?!) matches nowhere
  }

  name(id: number): string | undefined {
    return this.#names.get(id);
  }

  /** Sum over the ids that are none of special tokens. */
  sumOthers(ids: Iterable<number>, value: (id: number) => number): number {
    let sum = 0;
    for (const id of ids) if (!this.#names.has(id)) sum += value(id);
    return sum;
  }

  /** The text in order: ids of special tokens, if they are asked for, and the texts between them. */
  split(where: string, text: string, options: EncodeOptions): (string | number)[] {
    check(typeof text === 'string', where, 'the text is a string', () => display(text));
    const { matchSpecial } = withDefaults<Required<EncodeOptions>>(where, options, { matchSpecial: false });
    if (!matchSpecial) return [text];
    return text.split(this.#pattern).map((part) => this.ids.get(part) ?? part);
  }
}

/** Checks that names are a list of distinct strings that are not empty. */
export function checkNames(where: string, names: readonly string[]): void {
  const areNames = Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '');
  check(areNames, where, 'special tokens are a list of strings, none of them empty', () => display(names));
  check(new Set(names).size === names.length, where, 'special tokens are distinct', () => names.join(' '));
}

function escaped(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
