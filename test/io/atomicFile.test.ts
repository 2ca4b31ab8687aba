import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeFileAtomic } from '../../src/io/atomicFile.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describe('writeFileAtomic', () => {
  test('writes text and bytes, over an old file too, and leaves nothing beside it', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.bin');
    await writeFileAtomic(path, 'a long old text, þ');
    expect(readFileSync(path, 'utf8')).toBe('a long old text, þ');
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => i * 31);
    await writeFileAtomic(path, bytes);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    await writeFileAtomic(path, bytes.subarray(5, 8));
    expect([...readFileSync(path)]).toEqual([...bytes.subarray(5, 8)]);
    expect(readdirSync(folder)).toEqual(['a.bin']);
  });

  test('writers at the same time do not mix: one of them wins whole', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.txt');
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200_000));
    await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
    expect(texts).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  test('a write that fails half way leaves the old file whole and no temporary one', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.txt');
    writeFileSync(path, 'old');
    // The temporary file is open by the time Node finds that this is no data.
    await expect(writeFileAtomic(path, 42 as never)).rejects.toThrow(
      'what was at the path before is unchanged',
    );
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  test('a rename that fails leaves no temporary file', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'taken', 'inner'), { recursive: true });
    await expect(writeFileAtomic(join(folder, 'taken'), 'x')).rejects.toThrow(
      'the path is a folder: name a file in it',
    );
    expect(readdirSync(folder)).toEqual(['taken']);
    expect(readdirSync(join(folder, 'taken'))).toEqual(['inner']);
  });

  test('a missing folder, and a file in its place, are named', async () => {
    const folder = temporaryFolder();
    await expect(writeFileAtomic(join(folder, 'none', 'a.txt'), 'x')).rejects.toThrow(
      `make the folder ${folder}/none first`,
    );
    writeFileSync(join(folder, 'file'), 'x');
    await expect(writeFileAtomic(join(folder, 'file', 'a.txt'), 'x')).rejects.toThrow(
      `${folder}/file is not a folder`,
    );
    expect(readdirSync(folder)).toEqual(['file']);
  });
});
