/** Prepared tokens: read from their files by position, so that memory stays what a batch needs. */
import { type OpenFile, platform } from '../platform/index.ts';
import { check, fail } from '../tensor/index.ts';
import { DocumentFile, type DocumentStarts } from './documentStarts.ts';
import { readTokenHeader, type TokenHeader } from './tokenHeader.ts';
import type { Tokens } from './tokens.ts';

/** Tokens that `prepare` or a `TokenWriter` has put into a folder. */
export interface TokenData {
  readonly header: TokenHeader;
  readonly train: Tokens;
  readonly validation: Tokens;
  readonly documents: DocumentStarts;
  /** Closes the files. */
  close(): void;
}

/**
 * Opens prepared tokens. Errors: no folder, a header that is missing, broken or of another version, a file
 * whose size is not what the header says. What is in the files is compared by `verifyTokens`.
 */
export async function openTokens(folder: string): Promise<TokenData> {
  const header = await readTokenHeader(folder);
  const { shards, dtype, shardTokens, tokens, trainTokens, documents } = header;
  const size = dtype === 'uint16' ? 2 : 4;
  const open = (file: string, bytes: number) => openWhole(folder, file, bytes);
  const files = shards.map((shard) => open(shard.file, shard.tokens * size));
  open(documents.file, documents.count * 8).close();
  const starts = new DocumentFile(`${folder}/${documents.file}`, documents.count);
  const read = (start: number, end: number) => {
    const ids = new Int32Array(Math.max(0, end - start));
    for (let at = start; at < end; ) {
      const shard = Math.floor(at / shardTokens);
      const offset = at - shard * shardTokens;
      const count = Math.min(end - at, shardTokens - offset);
      const raw = dtype === 'uint16' ? new Uint16Array(count) : new Uint32Array(count);
      files[shard]!.read(offset * size, new Uint8Array(raw.buffer));
      ids.set(raw, at - start);
      at += count;
    }
    return ids;
  };
  return {
    header,
    train: new Part(read, 0, trainTokens),
    validation: new Part(read, trainTokens, tokens),
    documents: starts,
    close() {
      for (const file of [...files, starts]) file.close();
    },
  };
}

/** Compares every file of prepared tokens with the hash in the header. */
export async function verifyTokens(folder: string): Promise<void> {
  const { shards, documents } = await readTokenHeader(folder);
  for (const { file, sha256 } of [...shards, documents]) {
    const found = platform.sha256(`${folder}/${file}`);
    check(
      found === sha256,
      `tokens ${folder}`,
      `the SHA-256 of ${file} is that of the header, ${sha256.slice(0, 12)}…`,
      () => `${found.slice(0, 12)}…`,
      () => 'the file has changed: prepare the data again',
    );
  }
}

function openWhole(folder: string, name: string, bytes: number): OpenFile {
  const where = `tokens ${folder}`;
  let file: OpenFile;
  try {
    file = platform.openFile(`${folder}/${name}`);
  } catch (error) {
    fail(where, `${name} can be read`, (error as Error).message, 'prepare the data again');
  }
  check(
    file.size === bytes,
    where,
    `${name} has the ${bytes} bytes of the header`,
    () => `${file.size}`,
    () => 'it was cut short or replaced: prepare the data again',
  );
  return file;
}

/** Tokens from `#start` to before `#end` of the files. */
class Part implements Tokens {
  readonly length: number;
  readonly #read: (start: number, end: number) => Int32Array;
  readonly #start: number;

  constructor(read: (start: number, end: number) => Int32Array, start: number, end: number) {
    this.#read = read;
    this.#start = start;
    this.length = end - start;
  }

  subarray(start: number, end: number): Int32Array {
    return this.#read(this.#start + start, this.#start + Math.min(end, this.length));
  }
}
