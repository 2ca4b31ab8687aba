/** `npm run learn`, as students use it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { lessons } from '../../examples/learn/support/lessons.ts';
import { root } from '../support/root.ts';
import { runNode } from '../support/runScript.ts';

const learn = (...args: string[]) =>
  runNode(['--import', 'tsx', `${root}examples/learn/main.ts`, ...args], { cwd: root });

/** An empty folder inside the project, so that `scratchformer` means this one. */
function temporaryFolder(): string {
  mkdirSync(`${root}runs`, { recursive: true });
  const folder = mkdtempSync(`${root}runs/learn-`);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a lesson is begun, fails on its blank, is done when filled in, and is never written over', async () => {
  const folder = temporaryFolder();
  const file = `${folder}/01-derivative-and-gradcheck.ts`;
  const first = await learn('1', '--folder', folder);
  expect(first.code).toBe(1);
  expect(first.output).toMatch(/^01 Derivative and gradcheck\n/);
  expect(first.output).toMatch(
    / ✗ a line has the same slope everywhere\n\n {4}fill me in: the slope of f at x/,
  );

  const begun = readFileSync(file, 'utf8').replace(
    /blank\('the slope[^;]*/,
    '(f(x + eps) - f(x - eps)) / eps / 2',
  );
  writeFileSync(file, begun);
  const half = await learn('01', '--folder', folder);
  expect(half.code).toBe(1);
  expect(half.output).toMatch(
    / ✓ the error of a slope.*\n {2}✗ the backward of x².*\n\n {4}fill me in: dx = dL/,
  );
  expect((await learn('--folder', folder)).output).toMatch(/^… 01 {2}Derivative/);

  const done = begun.replace(/return blank\('dx[^;]*/, 'return [dy.mul(x).mul(2)]');
  writeFileSync(file, done);
  const { code, output } = await learn('01', '--folder', folder);
  expect(code).toBe(0);
  expect(output).toMatch(/\nDone\. Next: npm run learn -- 02, Broadcasting\s*$/);
  expect(readFileSync(file, 'utf8')).toBe(done);

  const list = (await learn('--folder', folder)).output.split('\n');
  expect(list[0]).toBe('✓ 01  Derivative and gradcheck');
  expect(list.slice(1, 12)).toEqual(lessons.slice(1).map(({ number, title }) => `  ${number}  ${title}`));
  expect(list[13]).toMatch(/^1 of 12 done\./);
});

test("--solution checks the library's own code; mistakes in a file and in a number are told", async () => {
  const folder = temporaryFolder();
  const solution = await learn('03', '--solution', '--folder', folder);
  expect([solution.code, solution.output]).toEqual([
    0,
    expect.stringMatching(/^03, the library's own code:\n {2}✓/),
  ]);
  writeFileSync(`${folder}/02-broadcasting.ts`, 'export function unbroadcast( {');
  const broken = await learn('02', '--folder', folder);
  expect([broken.code, broken.output]).toEqual([
    1,
    expect.stringMatching(/✗ the file can be loaded\n\n[^✓]*02-broad/),
  ]);
  const unknown = await learn('13');
  expect([unknown.code, unknown.errors]).toEqual([1, 'there is no lesson 13. There are 01 to 12.\n']);
});
