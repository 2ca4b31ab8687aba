/** Bars with their numbers, one for each name: a distribution. */
import { element } from '../dom.ts';

/** @returns the list, and a function that draws shares from 0 to 1 */
export function bars(names: readonly string[]): {
  element: HTMLElement;
  draw(shares: ArrayLike<number>): void;
} {
  const rows = names.map(() => ({ bar: element('i'), value: element('output') }));
  const items = rows.map(({ bar, value }, i) =>
    element('li', {}, element('span', {}, names[i]!), bar, value),
  );
  return {
    element: element('ul.bars', {}, ...items),
    draw(shares) {
      for (const [i, { bar, value }] of rows.entries()) {
        bar.style.setProperty('--share', `${100 * shares[i]!}%`);
        value.textContent = shares[i]!.toFixed(3);
      }
    },
  };
}
