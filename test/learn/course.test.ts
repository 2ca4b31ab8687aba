/** The course: each check fails on the blank, and on answers that are nearly right, and passes with the right one. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeSteps } from '../../examples/learn/support/check.ts';
import { checkOf, type Lesson, lessons } from '../../examples/learn/support/lessons.ts';
import { forTerminal } from '../../examples/learn/support/terminal.ts';
import { manualSeed } from '../../src/tensor/index.ts';
import { root } from '../support/root.ts';
import { fill, fillings } from './fillings.ts';

const folder = `${root}runs/learn-test/`; // inside the project, so that `scratchformer` means this one; git ignores it

/** The file of a lesson, with code in its blanks. */
function filled(lesson: Lesson, codes: readonly string[]): string {
  return fill(lesson.name, codes).replace("'../support/", "'../../examples/learn/support/");
}

async function outcomeOf(lesson: Lesson, file: string) {
  manualSeed(1);
  return takeSteps(await checkOf(lesson), (await import(file)) as object);
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    `${folder}tsconfig.json`,
    JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('there are twelve lessons, each with all of its files', () => {
  const names = (part: string) =>
    readdirSync(`${root}examples/learn/${part}`).map((file) => file.replace(/\.\w+$/, ''));
  expect(lessons).toHaveLength(12);
  for (const part of ['texts', 'blanks', 'checks'])
    expect(names(part).sort()).toEqual(lessons.map(({ name }) => name));
  expect(Object.keys(fillings).sort()).toEqual(lessons.map(({ number }) => number));
});

test.each(lessons)(
  'the text of lesson $number is short, and its links and figures are there',
  ({ name, text }) => {
    const lines = text.split('\n');
    expect(lines.length).toBeLessThanOrEqual(65);
    expect(lines.filter((line) => line.length > 110 && !line.startsWith('!['))).toEqual([]);
    expect(text).toMatch(/^\*\*Why\.\*\* [\s\S]*^\*\*Your task\.\*\* [\s\S]*^\*The library's own:\* \[/m);
    const here = `file://${root}examples/learn/texts/${name}.md`;
    const links = [...text.matchAll(/\]\(([^)#]+)(?:#([^)]*))?\)/g)];
    expect(links.filter(([, file]) => !existsSync(new URL(file!, here))).map(([link]) => link)).toEqual([]);
    const anchors = (file: string) =>
      [...readFileSync(new URL(file, here), 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
        heading!
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
    for (const [, file, anchor] of links) if (anchor) expect(anchors(file!)).toContain(anchor);
  },
);

test('a text is readable in a terminal', () => {
  const text =
    '# 01 Title\n\n**Why.** See [the op](../../../src/ops/add.ts).\n\n![A curve](../figures/a.svg)\n';
  expect(stripVTControlCharacters(forTerminal(text, 'examples/learn/texts/'))).toBe(
    '01 Title\n\nWhy. See the op (src/ops/add.ts).\n\n[figure: A curve: examples/learn/figures/a.svg]\n',
  );
});

describe.each(lessons)('lesson $number', (lesson) => {
  const { right, wrong } = fillings[lesson.number]!;

  test('fails on the blank, and says what to fill in', async () => {
    const { passed, failed } = await outcomeOf(lesson, `${root}examples/learn/blanks/${lesson.name}.ts`);
    expect(passed).toEqual([]);
    expect(failed?.message).toMatch(/^fill me in: ./);
  });

  test("passes with the library's own code", async () => {
    const check = await checkOf(lesson);
    manualSeed(1);
    const { passed, failed } = await takeSteps(check, check.shipped);
    expect(failed).toBeNull();
    expect(passed.map(({ step }) => step)).toEqual(Object.keys(check.steps));
  });

  test('passes when the blanks are filled in', async () => {
    const file = `${folder}${lesson.name}.ts`;
    writeFileSync(file, filled(lesson, right));
    expect((await outcomeOf(lesson, file)).failed).toBeNull();
  });

  test.for([...Object.entries(wrong).entries()])('fails for %j', async ([i, [, [codes, says]]]) => {
    const file = `${folder}${lesson.number}-wrong-${i}.ts`;
    const code = right.map((code, i) => codes[i] ?? code);
    writeFileSync(file, filled(lesson, code));
    expect((await outcomeOf(lesson, file)).failed?.message).toMatch(says);
  });

  test('has at least two wrong answers here', () => {
    expect(Object.keys(wrong).length).toBeGreaterThanOrEqual(2);
  });
});

test('what is filled in compiles', () => {
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, moduleDetection: 'force' };
  const include = lessons.map(({ name }) => `${name}.ts`);
  writeFileSync(
    `${folder}tsconfig.right.json`,
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include }),
  );
  try {
    execFileSync(`${root}node_modules/.bin/tsc`, ['-p', `${folder}tsconfig.right.json`], {
      encoding: 'utf8',
    });
  } catch (error) {
    expect.fail((error as { stdout: string }).stdout);
  }
});

test('an answer without its export is told so', async () => {
  const { failed } = await takeSteps(await checkOf(lessons[0]!), {});
  expect(failed?.message).toBe('your file: it exports slope, with 3 or more arguments. got undefined.');
});
