/**
 * The numbers in the notebook. What stands there is what stands in results/NN-name.json: a number is followed by a
 * comment, invisible on the page, that says which one it is, and a table by one that names a list.
 *
 *     the gradient is 4.1e-7<!--05.sigmoid.gradient--> times …     rounded as it is written; `12 %` is 0.12
 *     <!--table 08.losses-->                                      the rows below are the list `losses` of 08-….json
 */
import { check, fail } from 'scratchformer';
import type { Findings } from './experiment.ts';

/** From the number of an experiment, '05', to what it found. */
export type Results = Readonly<Record<string, Findings>>;

const NUMBER = /([-−]?[\d,]*\.?\d+(?:e[-−]?\d+)?)( %)?<!--([^>]*?)-->/g;
const TABLE = /<!--table ([\w.]+)-->\n(?:\|.*\n)*/g;

/** The page with all its numbers and tables as the results have them. */
export function refreshed(page: string, results: Results): string {
  return page
    .replace(TABLE, (_, path: string) => `<!--table ${path}-->\n${table(find(results, path))}`)
    .replace(NUMBER, (_, shown: string, percent: string | undefined, path: string) => {
      const value = find(results, path);
      if (typeof value !== 'number') fail('notebook', `${path} is a number`, JSON.stringify(value));
      return `${written(percent ? 100 * value : value, shown)}${percent ?? ''}<!--${path}-->`;
    });
}

/** The numbers with a decimal point or an exponent for which no result answers; quoted lines and code may have them. */
export function unfounded(page: string): string[] {
  const own = page
    .replace(TABLE, '')
    .replace(/^(?:>| {4}).*$/gm, '')
    .replace(/`[^`]*`|\]\([^)]*\)/g, '')
    .replace(NUMBER, '');
  return own.match(/\d+\.\d+|\de[-−]?\d+|\d+ %/g) ?? [];
}

/** '05.sigmoid.depths.3' → that part of the results of experiment 05. */
function find(results: Results, path: string): Findings {
  let value: Findings | undefined = results as Findings;
  for (const name of path.split('.')) value = (value as Record<string, Findings> | undefined)?.[name];
  check(
    value !== undefined && value !== null,
    'notebook',
    `the results have ${path}`,
    () => `${value}`,
    () => `run the experiment: npm run lab -- ${path.slice(0, 2)}`,
  );
  return value;
}

/** A number with as many decimals, and in the form, that the page has now. */
function written(value: number, like: string): string {
  const [mantissa = '', exponent] = like.split('e');
  const decimals = mantissa.split('.')[1]?.length ?? 0;
  const text =
    exponent === undefined
      ? value.toLocaleString('en-US', {
          minimumFractionDigits: decimals,
          maximumFractionDigits: decimals,
          useGrouping: like.includes(',') || Math.abs(value) >= 10_000,
        })
      : value.toExponential(decimals);
  return text.replace(/-/g, like.includes('-') ? '-' : '−');
}

/** A list of objects as a table, with their keys as the head. */
function table(rows: Findings): string {
  const list = rows as readonly Readonly<Record<string, Findings>>[];
  const keys = Object.keys(list[0]!);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const rule = line(keys.map((key) => (typeof list[0]![key] === 'number' ? '---:' : '---')));
  return line(keys) + rule + list.map((row) => line(keys.map((key) => cell(row[key]!)))).join('');
}

function cell(value: Findings): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'number') return value === null ? '–' : String(value);
  const size = Math.abs(value);
  if (size < 1e-12) return '0';
  if (Number.isInteger(value)) return value.toLocaleString('en-US').replace('-', '−');
  if (size < 1e-3 || size >= 1e6) return value.toExponential(2).replace(/-/g, '−');
  return String(Number(value.toPrecision(4))).replace('-', '−');
}
