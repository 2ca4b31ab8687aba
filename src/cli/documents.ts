/** Texts of any size, read a piece at a time. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fail, InvariantError } from '../tensor/index.ts';

/** A piece of a document. */
export interface Piece {
  readonly text: string;
  /** Whether the document ends with it. */
  readonly last: boolean;
}

/** The options of `piecesOf`. */
export interface PieceOptions {
  /** What stands between documents. Default: a file is one document, a record of a .jsonl file one. */
  readonly separator?: string | undefined;
  /** Called with the bytes of the file that were read. */
  readonly onBytes?: (count: number) => void;
}

/** Characters from which on a piece is given out, and those at which it is, wherever that is. */
const [ENOUGH, TOO_MANY] = [2 ** 18, 2 ** 22];

/**
 * The documents of a file in pieces, which end where a letter stands before white space: there, no tokenizer
 * here makes one token of both sides.
 */
export async function* piecesOf(path: string, options: PieceOptions = {}): AsyncGenerator<Piece> {
  const { separator, onBytes = () => {} } = options;
  if (/\.jsonl(\.gz)?$/.test(path)) return yield* records(path, onBytes);
  let text = '';
  for await (const more of texts(path, onBytes)) {
    text += more;
    if (separator) {
      const parts = text.split(separator);
      text = parts.pop()!;
      for (const part of parts) yield { text: part, last: true };
    }
    if (text.length < ENOUGH) continue;
    const end = borderBefore(text, text.length - (separator?.length ?? 0)); // perhaps half a separator at the end
    if (end > 0) yield { text: text.slice(0, end), last: false };
    text = text.slice(end);
  }
  yield { text, last: true };
}

/** The last place for a cut, 0 if there is none yet. */
function borderBefore(text: string, end: number): number {
  for (let at = end; at > Math.max(1, end - 2 ** 16); at--)
    if (/^\p{L}\p{White_Space}/u.test(text.slice(at - 1, at + 1))) return at;
  if (text.length < TOO_MANY) return 0;
  return /[\ud800-\udbff]/.test(text[end - 1]!) ? end - 1 : end; // not between the halves of a character
}

/** The texts of a file of JSON lines, { "text": "…" }. */
async function* records(path: string, onBytes: (count: number) => void): AsyncGenerator<Piece> {
  let [line, rest] = [0, ''];
  for await (const more of texts(path, onBytes)) {
    const lines = (rest + more).split('\n');
    rest = lines.pop()!;
    for (const one of lines) yield* record(path, one, ++line);
  }
  yield* record(path, rest, ++line);
}

function* record(path: string, line: string, number: number): Generator<Piece> {
  if (line.trim() === '') return;
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {}
  const { text } = (found ?? {}) as { text?: unknown };
  if (typeof text !== 'string')
    fail(`data ${path}`, 'a line is {"text": "…"}', `${JSON.stringify(line.slice(0, 60))} in line ${number}`);
  yield { text, last: true };
}

/** The characters of a file, plain or gzip, as they come. */
async function* texts(path: string, onBytes: (count: number) => void): AsyncGenerator<string> {
  const where = `data ${path}`;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let done = 0;
  try {
    for await (const bytes of bytesOf(path, onBytes)) {
      yield decoder.decode(bytes, { stream: true });
      done += bytes.length;
    }
    yield decoder.decode();
  } catch (error) {
    if (error instanceof InvariantError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      fail(where, 'the file is UTF-8 text', `other bytes, in the part from byte ${done} on`);
    fail(where, 'the file can be read', message);
  }
}

async function* bytesOf(path: string, onBytes: (count: number) => void): AsyncIterable<Buffer> {
  const counted = async function* () {
    for await (const bytes of createReadStream(path, { highWaterMark: ENOUGH })) {
      onBytes((bytes as Buffer).length);
      yield bytes as Buffer;
    }
  };
  if (!(await isGzip(path))) return yield* counted();
  const plain = createGunzip({ chunkSize: ENOUGH });
  pipeline(Readable.from(counted()), plain, () => {}); // what goes wrong is thrown by the loop below
  for await (const bytes of plain) yield bytes as Buffer;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: new Uint8Array(2) });
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
