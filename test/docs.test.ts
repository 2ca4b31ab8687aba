/** Documentation is where editors look for it: directly above the export. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sourcesIn } from './support/imports.ts';
import { root } from './support/root.ts';

const rooms = ['src/ops', 'src/nn', 'src/generation', 'src/kernels/js', 'models', 'optimizers'];
const elsewhere = /\/internal\//;
const exported = /^export (?:abstract |async )*(?:function\*?|class|const|let|interface|type|enum) (\w+)/;

/** The exports of a file, and whether a doc comment ends on the line before each. */
function exportsOf(text: string): { name: string; documented: boolean }[] {
  const lines = text.split('\n');
  return lines.flatMap((line, i) => {
    const name = exported.exec(line)?.[1];
    return name === undefined ? [] : [{ name, documented: lines[i - 1]?.endsWith('*/') === true }];
  });
}

const undocumented = (text: string) =>
  exportsOf(text).flatMap(({ name, documented }) => (documented ? [] : [name]));

const passedOn = /^export (?:type )?(?:\*|\{([^}]*)\}) from '(\..*)';/gm;

/** What can be imported from a file, by name: where it stands, and whether one of its declarations has a comment. */
function importable(
  file: string,
  read: (file: string) => string,
): Map<string, { file: string; documented: boolean }> {
  const found = new Map<string, { file: string; documented: boolean }>();
  const text = read(file);
  for (const { name, documented } of exportsOf(text))
    found.set(name, { file, documented: documented || found.get(name)?.documented === true });
  for (const [, list, from] of text.matchAll(passedOn)) {
    const names = list?.split(',').map((name) => name.replace(/\btype\b/, '').trim());
    for (const [name, where] of importable(posix.join(posix.dirname(file), from!), read))
      if (names?.includes(name) ?? true) found.set(name, where);
  }
  return found;
}

const undocumentedIn = (file: string, read = (path: string) => readFileSync(root + path, 'utf8')) =>
  [...importable(file, read)].flatMap(([name, { file, documented }]) =>
    documented ? [] : [`${file}: ${name}`],
  );

describe('everything that can be imported has a doc comment', () => {
  const inside = ['cli', 'platform']; // not for users of the package
  const folders = readdirSync(`${root}src`).filter(
    (name) => !inside.includes(name) && existsSync(`${root}src/${name}/index.ts`),
  );
  const doors = ['src', ...folders.map((name) => `src/${name}`), 'models', 'optimizers'];

  test.each(doors)('from %s', (door) => {
    expect(importable(`${door}/index.ts`, (path) => readFileSync(root + path, 'utf8')).size).toBeGreaterThan(
      2,
    );
    expect(undocumentedIn(`${door}/index.ts`)).toEqual([]);
  });

  test('which is found where it stands (the rule can fail)', () => {
    const files: Record<string, string> = {
      'a/index.ts':
        "export * from './b.ts';\nexport {\n  c,\n  type D,\n} from '../c.ts';\nexport const e = 1;",
      'a/b.ts': '/** B. */\nexport function b(x: 1): 1;\nexport function b(x: 2): 2 {}\nexport type F = 1;',
      'c.ts': 'export const c = 1;\n/** D. */\nexport interface D {}\nexport const hidden = 1;',
    };
    expect(undocumentedIn('a/index.ts', (file) => files[file]!)).toEqual([
      'a/index.ts: e',
      'a/b.ts: F',
      'c.ts: c',
    ]);
  });
});

describe('every export has a doc comment directly above it', () => {
  test.each(rooms)('in %s', (room) => {
    const files = sourcesIn(room).filter((file) => !elsewhere.test(file));
    const texts = files.map((file) => ({ file, text: readFileSync(root + file, 'utf8') }));
    expect(texts.flatMap(({ text }) => exportsOf(text))).not.toEqual([]);
    expect(texts.flatMap(({ file, text }) => undocumented(text).map((name) => `${file}: ${name}`))).toEqual(
      [],
    );
  });

  test('which a comment above the imports, a blank line or a plain comment is not (the rule can fail)', () => {
    expect(undocumented("/** A. */\nimport { b } from './b.ts';\n\nexport const a = b;")).toEqual(['a']);
    expect(undocumented('/** A. */\n\nexport function a() {}')).toEqual(['a']);
    expect(undocumented('// A.\nexport abstract class A {}\nexport type B = A;')).toEqual(['A', 'B']);
    expect(undocumented("/** A. */\nexport interface A {}\nexport * from './b.ts';\nconst c = 1;")).toEqual(
      [],
    );
  });
});
