/** Documentation is where editors look for it: directly above the export. */
import { readFileSync } from 'node:fs';
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
