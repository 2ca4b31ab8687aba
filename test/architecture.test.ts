/**
 * The rules that keep the house in order: who may import whom, no cycles, short files, indexes up to date.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { filesIn, findCycle, type Import, importsOf, sourcesIn } from './support/imports.ts';
import { root } from './support/root.ts';
import { barrels, barrelText } from './tools/barrels.ts';

/** Place → what its files may import beside the place itself: folders or files. */
const mayImport: Record<string, readonly string[]> = {
  'src/tensor': [],
  'src/platform': ['src/tensor/errors.ts'],
  'src/kernels': ['src/platform', 'src/tensor'],
  'src/autograd': ['src/kernels', 'src/tensor'],
  'src/ops': ['src/autograd', 'src/kernels', 'src/tensor'],
  'src/nn': ['src/ops', 'src/autograd', 'src/tensor'],
  'src/generation': ['src/nn', 'src/ops', 'src/autograd', 'src/tensor'],
  'src/data': ['src/platform', 'src/tensor'],
  'src/corpora': ['src/data', 'src/tensor'],
  'src/tokenizers': ['src/tensor'],
  'src/io': ['src/platform', 'src/tensor'],
  'src/train': [
    'src/nn',
    'src/data',
    'src/tokenizers',
    'src/io',
    'src/autograd',
    'src/kernels',
    'src/platform',
    'src/tensor',
  ],
  'src/distributed': ['src/train', 'src/nn', 'src/autograd', 'src/kernels', 'src/platform', 'src/tensor'],
  'src/report': ['src/train', 'src/nn', 'src/data', 'src/tokenizers', 'src/io', 'src/autograd', 'src/tensor'],
  'src/interop': [
    'src/io',
    'src/tokenizers',
    'src/nn',
    'src/ops',
    'src/autograd',
    'src/platform',
    'src/tensor',
    'models',
  ],
  'src/cli': ['src', 'models', 'optimizers'],
  'src/fluent.ts': ['src'],
  'src/index.ts': ['src'],
  optimizers: ['src/tensor', 'src/kernels', 'src/nn/parameter.ts'],
  models: ['src/generation', 'src/nn', 'src/ops', 'src/autograd', 'src/tensor'],
};
/** Imported by nobody who is not named here. */
const onlyFor: Record<string, readonly string[]> = {
  'src/cli': [],
  'src/fluent.ts': ['src/index.ts'],
  'src/index.ts': ['src/cli'],
};

const lies = (file: string, place: string) => file === place || file.startsWith(`${place}/`);
const placeOf = (file: string) => Object.keys(mayImport).find((place) => lies(file, place));

/** Whether an import keeps to the table; packages are free. */
function isAllowed({ from, to }: Pick<Import, 'from' | 'to'>): boolean {
  const home = placeOf(from);
  if (home === undefined || to.startsWith('scratchformer')) return false; // a new folder needs a line in the table
  if (!to.endsWith('.ts') || lies(to, home)) return true;
  const closed = Object.entries(onlyFor).find(([place]) => lies(to, place));
  if (closed && !closed[1].some((place) => lies(from, place))) return false;
  return mayImport[home]!.some((place) => lies(to, place));
}

const sources = ['src', 'models', 'optimizers'].flatMap(sourcesIn);
const imports = sources.flatMap((file) => importsOf(file));

describe('imports', () => {
  test('go in the allowed directions only', () => {
    const forbidden = imports.filter((one) => !isAllowed(one));
    expect(
      forbidden.map(({ from, to, typeOnly }) => `${from} imports ${typeOnly ? 'types of ' : ''}${to}`),
    ).toEqual([]);
  });

  test('form no cycles between files', () => {
    expect(findCycle(imports)).toBeNull();
  });

  test('are found in every form, and judged (the rules can fail)', () => {
    const text = [
      "import '../tensor/index.ts';",
      "import type { A } from './a.ts';",
      "export type * from './b.ts';",
      "import {\n  c,\n  type D as E,\n} from './c.ts';",
      "export * as f from '../ops/f.ts';",
      "const g = await import('../cli/g.ts');",
      "import h, { i } from 'package';",
      "export const text = 'no import';",
    ].join('\n');
    const found = importsOf('src/kernels/x.ts', text);
    expect(
      found.map(({ to, typeOnly }) => [to, typeOnly, isAllowed({ from: 'src/kernels/x.ts', to })]),
    ).toEqual([
      ['src/tensor/index.ts', false, true],
      ['src/kernels/a.ts', true, true],
      ['src/kernels/b.ts', true, true],
      ['src/kernels/c.ts', false, true],
      ['src/ops/f.ts', false, false],
      ['package', false, true],
      ['src/cli/g.ts', false, false],
    ]);
    expect(isAllowed({ from: 'src/index.ts', to: 'src/cli/main.ts' })).toBe(false);
    expect(isAllowed({ from: 'src/nn/x.ts', to: 'scratchformer/optimizers' })).toBe(false);
    expect(imports.length).toBeGreaterThan(100);
    const edge = (from: string, to: string, typeOnly = false) => ({ from, to, typeOnly });
    expect(findCycle([edge('a', 'b'), edge('b', 'c'), edge('c', 'b')])).toEqual(['b', 'c', 'b']);
    expect(findCycle([edge('a', 'b'), edge('b', 'c'), edge('a', 'c'), edge('c', 'b', true)])).toBeNull();
  });
});

describe('Node, or a browser,', () => {
  /** The rooms that may know either, each with its reason. */
  const knowing = [
    'src/platform', // that is what it is for
    'src/cli', // a command line is a process of Node
    'src/distributed/host.ts', // ranks are processes of Node
    'src/kernels/blas/core.ts', // it is told its processor there, too
    'src/kernels/blas/find.ts', // a native library is looked for in Node alone
    'src/kernels/webgpu/find.ts', // so is this one
    'src/kernels/wasm/wideTrial.js', // a program that Node runs in a process of its own
    'src/kernels/wasm/assemble.js', // a tool that builds; no program loads it
    'src/kernels/wasm/sources.js', // compares a build with its sources, which only a clone has; the tool loads it too
  ];
  const words =
    /['"]node:|\bprocess\b[.?[]|\bBuffer\.|\bNodeJS\b|\brequire\(|\b__(?:dirname|filename)\b|\bnavigator\b|\bfetch\(|\bcrossOriginIsolated\b|\blocation\.|\bdocument\./;
  const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');

  test('is known to the rooms alone that are named here', () => {
    const files = ['src', 'models', 'optimizers'].flatMap((folder) => filesIn(folder, /\.[jt]s$/));
    const hits = files.filter((file) => words.test(code(readFileSync(root + file, 'utf8'))));
    const known = (file: string) => knowing.some((room) => lies(file, room));
    expect(hits.filter((file) => !known(file))).toEqual([]);
    expect(knowing.filter((room) => !hits.some((file) => lies(file, room)))).toEqual([]); // no idle exception
  });

  test('is recognised (the rule can fail)', () => {
    for (const text of [
      "import 'node:fs'",
      'process.env.A',
      'Buffer.from(x)',
      "require('x')",
      'process?.on',
      'navigator.x',
      'fetch(a)',
    ])
      expect(words.test(code(text)), text).toBe(true);
    for (const text of [
      '// process.env',
      'new Buffer(values)',
      'const node = 1; node: Node',
      'processed.x',
      'prefetch(a)',
      'allocation.x',
    ])
      expect(words.test(code(text)), text).toBe(false);
  });

  test('is never imported by the platform, so that a bundle for browsers has nothing to leave out', () => {
    const files = filesIn('src/platform', /\.[jt]s$/);
    const imported = files.flatMap((file) => importsOf(file)).filter(({ typeOnly }) => !typeOnly);
    expect(imported.filter(({ to }) => to.startsWith('node:'))).toEqual([]);
  });
});

test.each(barrels)('$folder/index.ts is what `npm run barrels` writes', (barrel) => {
  expect(readFileSync(`${root}${barrel.folder}/index.ts`, 'utf8')).toBe(barrelText(barrel));
});

/** Files that may be longer than 200 lines, each with its reason. */
const long: Record<string, string> = {
  'src/kernels/contract.ts': 'one list with the meaning of each kernel: torn apart, no part could be found',
};

test('no source file is longer than 200 lines, but for those named', () => {
  const files = [...sources, ...sourcesIn('examples')].filter((file) => lines(file).length > 200);
  expect(files).toEqual(Object.keys(long));
});

test('no file has paths of one machine, escapes from the types, or unfinished work', () => {
  // Put together here, so that this file does not have them itself.
  const words = [
    String.raw`(?<![\w.:/-])/(?:work|root|home|Users)/`,
    'as an' + 'y\\b',
    '@ts-ig' + 'nore',
    '\\bTO' + 'DO\\b',
    'FIX' + 'ME',
  ];
  const forbidden = new RegExp(words.join('|'));
  const hits = textFiles().flatMap((file) =>
    lines(file).flatMap((line, i) =>
      forbidden.test(line) ? [`${file}:${i + 1}: ${line.trim().slice(0, 100)}`] : [],
    ),
  );
  expect(hits).toEqual([]);
});

function lines(file: string): string[] {
  return readFileSync(root + file, 'utf8')
    .trimEnd()
    .split('\n');
}

/** Everything written by hand: programs, scripts and pages. */
function textFiles(): string[] {
  const folders = ['src', 'models', 'optimizers', 'examples', 'test', '.ci'];
  const inside = folders.flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length)),
  );
  const beside = readdirSync(root).filter((name) => name !== 'package-lock.json');
  return [...inside, ...beside].filter(
    (name) => /\.(ts|js|mjs|py|md|json)$|^\.ci\//.test(name) && !/golden.*json$/.test(name),
  );
}
