import { constants, isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { check, fail } from '../tensor/index.ts';

/** A text and its name. */
export interface Text {
  readonly text: string;
  /** Name of the file. */
  readonly name: string;
}

/**
 * Reads a text of your own from a UTF-8 file; a byte order mark at its start is left out.
 * Errors: no such file, a directory, no permission, an empty file, bytes that are not UTF-8 (and where).
 */
export async function textFile(path: string): Promise<Text> {
  const where = `textFile ${JSON.stringify(path)}`;
  const bytes = await readFile(path).catch((error: Error) =>
    fail(where, 'the file can be read', `${error.message} (${resolve(path)})`),
  );
  check(
    bytes.length <= constants.MAX_STRING_LENGTH,
    where,
    `the file fits a JavaScript string (${constants.MAX_STRING_LENGTH} bytes)`,
    () => `${bytes.length} bytes`,
    () => 'take a part of it',
  );
  const text = new TextDecoder().decode(bytes);
  check(
    isUtf8(bytes),
    where,
    'the file is UTF-8 text',
    () => notUtf8(bytes, text),
    () => 'save it as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`',
  );
  check(text !== '', where, 'the file has some text', () => 'an empty file');
  return { text, name: basename(path) };
}

/**
 * The first byte at which the file differs from its own text, in which a replacement character stands for
 * each fault.
 */
function notUtf8(bytes: Uint8Array, text: string): string {
  const again = Buffer.from(text);
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let at = bom;
  while (at < bytes.length && bytes[at] === again[at - bom]) at++;
  return at < bytes.length
    ? `byte 0x${bytes[at]!.toString(16).toUpperCase()} at offset ${at}`
    : 'half a character at the end';
}
