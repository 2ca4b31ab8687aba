import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pairsFile } from '../../src/data/index.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

function fileOf(content: string): string {
  const path = join(temporaryFolder(), 'pairs.tsv');
  writeFileSync(path, content);
  return path;
}

test('reads a pair from each line, with any line ends, and skips empty lines', async () => {
  expect(await pairsFile(fileOf('Ég sé.\tI see.\r\n\n  \n Hann fór. \t He went. '))).toEqual([
    ['Ég sé.', 'I see.'],
    ['Hann fór.', 'He went.'],
  ]);
});

test('gives back any pairs', async () => {
  const sentence = fc.stringMatching(/^[^\s\ufeff]([^\t\r\n\ufeff]*[^\s\ufeff])?$/);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(sentence, sentence), { minLength: 1 }), async (pairs) => {
      expect(await pairsFile(fileOf(pairs.map((pair) => pair.join('\t')).join('\n')))).toEqual(pairs);
    }),
    { numRuns: 30 },
  );
});

test.each([
  ['no tab', 'a\tb\nI see.', '"I see." in line 2'],
  ['two tabs', 'a\tb\tc', String.raw`"a\tb\tc" in line 1`],
  ['nothing before the tab', '\n\n\tb', String.raw`"\tb" in line 3`],
  ['nothing behind it', 'a\t ', String.raw`"a\t " in line 1`],
])('%s is an error that names the line', async (_, content, got) => {
  await expect(pairsFile(fileOf(content))).rejects.toThrow(
    `pairsFile "pairs.tsv": a line is a sentence, a tab, and its translation. got ${got}.`,
  );
});

test('a file without pairs is an error', async () => {
  await expect(pairsFile(fileOf('\n \n'))).rejects.toThrow(
    'the file has at least one pair. got empty lines.',
  );
});
