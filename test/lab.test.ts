/** The experiments of the lab run, and the numbers in its notebook are theirs. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { refreshed, unfounded } from '../examples/lab/support/notebook.ts';
import { difference, median, summary } from '../examples/lab/support/statistics.ts';
import { root } from './support/root.ts';

const folder = `${root}examples/lab/`;
const names = readdirSync(folder).flatMap((file) => /^(\d\d-.*)\.ts$/.exec(file)?.[1] ?? []);
const page = readFileSync(`${folder}README.md`, 'utf8');
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, never>;
const results = Object.fromEntries(
  names.map((name) => [name.slice(0, 2), read(`${folder}results/${name}.json`)]),
);
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', `${folder}main.ts`, ...args], {
    cwd: root,
    env: { ...process.env, SCRATCHFORMER_THREADS: '1' }, // another file of tests runs beside
    timeout: 400_000,
  });

/** The names of what was found, without the values: '.relu.losses[]'. */
function shapeOf(found: unknown, path = ''): string[] {
  if (Array.isArray(found)) return [...new Set(found.flatMap((one) => shapeOf(one, `${path}[]`)))];
  if (typeof found !== 'object' || found === null) return [path];
  return Object.entries(found).flatMap(([name, value]) => shapeOf(value, `${path}.${name}`));
}

describe('every experiment', () => {
  test.each(names)(
    '%s runs, and finds what its committed results have',
    { timeout: 420_000 },
    async (name) => {
      await run(name.slice(0, 2), '--quick');
      const found = read(`${root}runs/lab/${name}.json`);
      expect(shapeOf(found).sort()).toEqual(shapeOf(results[name.slice(0, 2)]).sort());
      expect(readFileSync(`${root}runs/lab/${name}.svg`, 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    },
  );

  test.each(names)('%s has its story and its figure in the notebook, and no more than 120 lines', (name) => {
    expect(page).toMatch(new RegExp(`^## ${name.slice(0, 2)} `, 'm'));
    expect(page).toContain(`](results/${name}.svg)`);
    expect(page).toContain(`](${name}.ts)`);
    expect(existsSync(`${folder}results/${name}.svg`)).toBe(true);
    expect(readFileSync(`${folder}${name}.ts`, 'utf8').split('\n').length).toBeLessThanOrEqual(121);
  });

  test('an unknown one is an error', async () => {
    await expect(run('99')).rejects.toThrow('there is no experiment 99');
  });
});

describe('the numbers of the notebook', () => {
  test('are those of the results', () => {
    expect(refreshed(page, results)).toBe(page);
  });

  test('all have a result that answers for them, but for those that are quoted', () => {
    expect(unfounded(page)).toEqual([]);
  });

  test('are found and written as they stand (the rules can fail)', () => {
    const found = { '05': { a: { b: 0.1234, c: -4.07e-7 }, rows: [{ name: 'x', loss: 0.5 }], n: 12_345 } };
    const text = (a: string, c: string, n: string) =>
      `is ${a}<!--05.a.b--> and ${c}<!--05.a.c-->, of ${n}<!--05.n-->\n\n<!--table 05.rows-->\nafter`;
    const rows = '| name | loss |\n| --- | ---: |\n| x | 0.5 |\n';
    const filled = (page: string) => page.replace('after', `${rows}after`);
    expect(refreshed(text('9.99', '1.0e0', '1'), found)).toBe(filled(text('0.12', '−4.1e−7', '12,345')));
    expect(refreshed(text('9 %', '−1.00e−9', '9'), found)).toBe(filled(text('12 %', '−4.07e−7', '12,345')));
    expect(() => refreshed('1.0<!--05.a.d-->', found)).toThrow('the results have 05.a.d. got undefined');
    expect(unfounded('> 2.5\nis 1.5<!--05.a.b--> `0.1` [x](1.5.ts) 3')).toEqual([]);
    expect(unfounded('is 1.5 or 12 % or 2e-3')).toEqual(['1.5', '12 %', '2e-3']);
  });

  test('means, intervals and medians are those of the textbook', () => {
    const { mean, spread, low, high } = summary([1, 2, 3, 4, 5]);
    expect([mean, spread, low, high].map((value) => value.toFixed(4))).toEqual([
      '3.0000',
      '1.5811',
      '1.0371',
      '4.9629',
    ]);
    expect(difference([3, 5, 9], [1, 2, 4]).mean).toBeCloseTo(10 / 3);
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
  });
});
