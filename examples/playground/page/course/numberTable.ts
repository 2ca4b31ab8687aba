/** Rows of numbers under names, each number shaded by its size. */
import { element, short } from '../dom.ts';

export type Row = readonly [name: string, ...numbers: (number | null)[]];

/** @returns the table, and a function that fills it; null leaves a place empty */
export function numberTable(heads: readonly string[]): {
  element: HTMLElement;
  draw(rows: readonly Row[]): void;
} {
  const table = element('table.numbers');
  const head = element(
    'tr',
    {},
    ...heads.map((name) => (name ? element('th', { scope: 'col' }, name) : element('td.empty'))),
  );
  return {
    element: table,
    draw(rows) {
      const largest = Math.max(
        1e-9,
        ...rows.flatMap(([, ...row]) => row.map((value) => Math.abs(value ?? 0))),
      );
      table.replaceChildren(head, ...rows.map((row) => rowOf(row, largest)));
    },
  };
}

function rowOf([name, ...row]: Row, largest: number): HTMLElement {
  const cells = row.map((value) =>
    value === null
      ? element('td.empty')
      : element(
          'td',
          { style: `--share: ${(100 * Math.abs(value)) / largest}%` },
          short(Number(value.toFixed(2))),
        ),
  );
  return element('tr', {}, element('th', { scope: 'row' }, name), ...cells);
}
