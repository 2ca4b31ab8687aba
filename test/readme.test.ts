/**
 * What the README and the pages of docs/ show is what happens: programs print what they say, commands and
 * links exist.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, commandProblem, commandsOf } from './support/readme.ts';
import { root } from './support/root.ts';
import { modelTable, tableInReadme } from './tools/modelTable.ts';

const MINUTES = 60_000;
const folder = `${root}runs/readme-test/`; // inside the project, so that `scratchformer` means this one; git ignores it
const readme = readFileSync(`${root}README.md`, 'utf8');
const blocks = blocksOf(readme);
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'examples/lab/README.md',
  ...readdirSync(`${root}docs`).map((name) => `docs/${name}`),
];
const programs = pages.flatMap((page) =>
  blocksOf(readFileSync(root + page, 'utf8'))
    .filter(({ kind }) => /^ts\b/.test(kind))
    .map((block) => ({ ...block, page, file: `${page.replace(/\W/g, '-')}-${block.line}.ts` })),
);
const commands = blocks.filter(({ kind }) => kind === 'sh').flatMap(({ code }) => commandsOf(code));

function run(tool: string, ...args: string[]): string {
  return execFileSync(`${root}node_modules/.bin/${tool}`, args, { cwd: root, encoding: 'utf8' });
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of programs) writeFileSync(folder + file, code);
  const compilerOptions = { moduleDetection: 'force', noUnusedLocals: false };
  writeFileSync(
    `${folder}tsconfig.json`,
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] }),
  );
});

describe('programs of the pages', () => {
  test('compile', { timeout: 5 * MINUTES }, () => {
    try {
      run('tsc', '-p', folder);
    } catch (error) {
      expect.fail((error as { stdout: string }).stdout);
    }
  });

  const runnable = programs.filter(({ kind }) => kind === 'ts');
  test.for(runnable)(
    'the one on line $line of $page runs and prints what is shown',
    { timeout: 10 * MINUTES },
    ({ file, output }) => {
      const printed = run('tsx', folder + file);
      if (output !== null) expect(printed).toBe(output);
    },
  );
});

test('the first program runs as the text below it says', () => {
  const [command] = /`npm run example -- first\.ts`/.exec(readme) ?? [''];
  const words = command.slice(1, -1).replace('first.ts', `${folder}${programs[0]!.file}`).split(' ');
  const printed = execFileSync('npm', ['--silent', ...words.slice(1)], { cwd: root, encoding: 'utf8' });
  expect(printed).toBe(programs[0]!.output);
});

const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  scripts: Record<string, string>;
};
const helped = new Map<string, string>();

function help(command: string): string {
  const text = helped.get(command) ?? run('tsx', 'src/cli/main.ts', ...(command ? [command] : []), '--help');
  helped.set(command, text);
  return text;
}

test.for(pages)('links of %s lead to files', (page) => {
  const links = [...readFileSync(root + page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(
    ([, link]) => link!,
  );
  expect(links.filter((link) => !existsSync(new URL(link, `file://${root}${page}`)))).toEqual([]);
});

describe('commands of the README', () => {
  test.for(commands)('%s', (command) => {
    expect(commandProblem(command, { scripts, help })).toBeNull();
  });
});

test('the table of models is what `npm run -s table` writes', () => {
  expect(tableInReadme.exec(readme)?.[0]).toBe(`${modelTable()}\n`);
});

describe('the reading of the README', () => {
  test('finds blocks with their lines and outputs', () => {
    const page = [
      '# Title', '', '```ts', 'console.log(1);', '```', '', '```text', '1', '```',
      'words', '```ts no-run', 'a();', 'b();', '```', 'words', '```text', '2', '```', '```sh', 'npm test', '```', '',
    ]; // biome-ignore format: lines of a page
    expect(blocksOf(page.join('\n'))).toEqual([
      { kind: 'ts', code: 'console.log(1);\n', line: 4, output: '1\n' },
      { kind: 'ts no-run', code: 'a();\nb();\n', line: 12, output: null },
      { kind: 'text', code: '2\n', line: 17, output: null },
      { kind: 'sh', code: 'npm test\n', line: 20, output: null },
    ]);
  });

  test('splits a block into commands', () => {
    const code = '# first\nnpm ci && npm test   # then\n\nnpm start -- \\\n  --steps 10\n';
    expect(commandsOf(code)).toEqual(['npm ci', 'npm test', 'npm start --    --steps 10']);
  });

  const known = {
    scripts: {
      test: 'vitest run',
      start: 'tsx src/cli/scratchformer.js train --data stories',
      example: 'tsx',
      bench: 'tsx',
    },
    help: (command: string) =>
      command === ''
        ? 'Commands:\n  train [options]\n'
        : '  --steps <n>  --learning-rate <x>  -o, --out <folder>',
  };
  test.each([
    ['npm ci', null],
    ['npm install scratchformer', null],
    ['git clone anything', null],
    ['npm test', null],
    ['npm start -- --steps 10', null],
    ['npm start -- --step 10', 'scratchformer train has no option --step'],
    ['npm run nothing', 'package.json has no script nothing'],
    ['npm run -s bench test/readme.test.ts', null],
    ['npm run example -- tensors --quick', null],
    ['npm run example -- none', 'there is no example none'],
    ['npm run example -- tensors --sed 2', 'npm run example has no option --sed'],
    ['npm run bench examples/none.ts', 'there is no file examples/none.ts'],
    ['npx scratchformer train --steps=10 --learning-rate -1 -o runs/a', null],
    ['npx scratchformer train --rate 1', 'scratchformer train has no option --rate'],
    ['npx scratchformer fly', 'scratchformer has no command fly'],
    ['mpirun -n 2 node_modules/.bin/scratchformer train --out a', null],
    ['mpirun -n 2 node_modules/.bin/scratchformer fly', 'scratchformer has no command fly'],
    ['rm -rf x', 'no command of this project: rm -rf x'],
  ])('judges `%s`', (command, problem) => {
    expect(commandProblem(command, known)).toBe(problem);
  });
});
