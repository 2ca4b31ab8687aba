import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** A part of a file of lines that grows while it is read. */
export interface Portion {
  /** Tells this file from another that takes its place; empty where there is none yet. */
  readonly version: string;
  /** Byte at which the portion begins. */
  readonly from: number;
  /** Whole lines: what is written just now, or was torn by a crash, is left for later. */
  readonly bytes: Uint8Array;
}

/** Most bytes in a portion; no single line is as long. */
const MOST = 8 * 1024 * 1024;

/**
 * The next whole lines of a file, from byte `from` of that `version` on. Where the file is another one by now,
 * as after a resumed run has cut it or a new run has begun, they are its first lines.
 */
export function nextLines(path: string, version: string, from: number): Portion {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    return { version: '', from: 0, bytes: new Uint8Array() };
  const file = openSync(path, 'r');
  try {
    const { ino, size } = fstatSync(file, { bigint: true });
    const start = version === `${ino}` && from <= size ? from : 0;
    const bytes = Buffer.alloc(Math.min(MOST, Number(size) - start));
    const count = readSync(file, bytes, 0, bytes.length, start);
    const end = bytes.subarray(0, count).lastIndexOf('\n') + 1;
    return { version: `${ino}`, from: start, bytes: bytes.subarray(0, end) };
  } finally {
    closeSync(file);
  }
}
