import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { textFile } from '../../src/data/text.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

function fileOf(content: string | Uint8Array): string {
  const path = join(temporaryFolder(), 'my.txt');
  writeFileSync(path, content);
  return path;
}

describe('textFile', () => {
  test('reads UTF-8 as it is, but for a byte order mark', async () => {
    expect(await textFile(fileOf('Þetta\r\n👍 \uFFFD'))).toEqual({
      text: 'Þetta\r\n👍 \uFFFD',
      name: 'my.txt',
    });
    expect(await textFile(fileOf('\uFEFFabc'))).toEqual({ text: 'abc', name: 'my.txt' });
  });

  test.each([
    ['Latin-1', [0x63, 0x61, 0x66, 0xe9, 0x20], 'byte 0xE9 at offset 3'],
    ['a fault after a byte order mark', [0xef, 0xbb, 0xbf, 0x61, 0xff], 'byte 0xFF at offset 4'],
    ['UTF-16', [0xff, 0xfe, 0x61, 0x00], 'byte 0xFF at offset 0'],
    ['a fault after a true replacement character', [0xef, 0xbf, 0xbd, 0x61, 0x80], 'byte 0x80 at offset 4'],
    ['a character cut short', [0x61, 0xc3], 'byte 0xC3 at offset 1'],
    [
      'a character cut short that begins as the replacement character',
      [0x61, 0xef, 0xbf],
      'half a character at the end',
    ],
    ['an overlong form', [0x61, 0xc0, 0x80], 'byte 0xC0 at offset 1'],
  ])('%s is not UTF-8', async (_, bytes, got) => {
    await expect(textFile(fileOf(Uint8Array.from(bytes)))).rejects.toThrow(
      `the file is UTF-8 text. got ${got}. save it as UTF-8`,
    );
  });

  test('an empty file, a missing one and a folder are errors that name the path', async () => {
    await expect(textFile(fileOf(''))).rejects.toThrow('my.txt": the file has some text. got an empty file.');
    await expect(textFile(fileOf('\uFEFF'))).rejects.toThrow('got an empty file.');
    const folder = temporaryFolder();
    await expect(textFile(`${folder}/none.txt`)).rejects.toThrow(
      /none\.txt": the file can be read\. got ENOENT.*none\.txt/,
    );
    await expect(textFile(folder)).rejects.toThrow('the file can be read. got EISDIR');
  });

  test.skipIf(process.getuid?.() === 0)(
    'a file without read permission is an error (not for root, who may read all)',
    async () => {
      const path = fileOf('secret');
      chmodSync(path, 0);
      await expect(textFile(path)).rejects.toThrow('the file can be read. got EACCES');
    },
  );
});
