import { platform } from '../platform/index.ts';
import { check, fail } from '../tensor/index.ts';

/** A text and its name. */
export interface Text {
  readonly text: string;
  /** Name of the file. */
  readonly name: string;
}

/** V8's limit, the least of the engines'. */
const LONGEST_STRING = 2 ** 29 - 24;

/**
 * Reads a text of your own from a UTF-8 file, in a browser from an address; a byte order mark at its start is
 * left out. Errors: no such file, a directory, no permission, an empty file, bytes that are not UTF-8 (and
 * where).
 */
export async function textFile(path: string): Promise<Text> {
  const where = `textFile ${JSON.stringify(path)}`;
  const bytes = await platform
    .read(path)
    .catch((error: Error) =>
      fail(where, 'the file can be read', `${error.message} (${platform.absolute(path)})`),
    );
  check(
    bytes.length <= LONGEST_STRING,
    where,
    `the file fits a JavaScript string (${LONGEST_STRING} bytes)`,
    () => `${bytes.length} bytes`,
    () => 'take a part of it',
  );
  const text = decode(where, bytes);
  check(text !== '', where, 'the file has some text', () => 'an empty file');
  return { text, name: path.slice(path.lastIndexOf('/') + 1) };
}

function decode(where: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const hint = 'save it as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`';
    fail(where, 'the file is UTF-8 text', notUtf8(bytes), hint);
  }
}

/**
 * The first byte at which the file differs from its own text, in which a replacement character stands for
 * each fault.
 */
function notUtf8(bytes: Uint8Array): string {
  const again = new TextEncoder().encode(new TextDecoder().decode(bytes));
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let at = bom;
  while (at < bytes.length && bytes[at] === again[at - bom]) at++;
  return at < bytes.length
    ? `byte 0x${bytes[at]!.toString(16).toUpperCase()} at offset ${at}`
    : 'half a character at the end';
}
