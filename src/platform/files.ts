import type { Hash } from 'node:crypto';
import type { NewFile, OpenFile } from './platform.ts';

const fs = () => process.getBuiltinModule('node:fs');
const newHash = () => process.getBuiltinModule('node:crypto').createHash('sha256');

/** Opens a file to be read by position, on Node. */
export function openFile(path: string): OpenFile {
  const { openSync, fstatSync, readSync, closeSync } = fs();
  const file = openSync(path, 'r');
  return {
    size: fstatSync(file).size,
    read(position, into) {
      let done = 0;
      while (done < into.length) {
        const count = readSync(file, into, done, into.length - done, position + done);
        if (count === 0) throw new Error(`${path} ends before byte ${position + into.length}`);
        done += count;
      }
    },
    close: () => closeSync(file),
  };
}

/** Starts a file, on Node, and its folder. */
export function createFile(path: string): NewFile {
  const { openSync, writeSync, fsyncSync, closeSync, mkdirSync } = fs();
  mkdirSync(process.getBuiltinModule('node:path').dirname(path), { recursive: true });
  const file = openSync(path, 'w');
  const hash = newHash();
  return {
    append(bytes) {
      hash.update(bytes);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    },
    close() {
      fsyncSync(file);
      closeSync(file);
      return hash.digest('hex');
    },
  };
}

/** SHA-256 of a file in hex, read a part at a time, on Node. */
export function sha256(path: string): string {
  const file = openFile(path);
  const hash: Hash = newHash();
  const part = new Uint8Array(2 ** 20);
  for (let at = 0; at < file.size; at += part.length) {
    const bytes = part.subarray(0, Math.min(part.length, file.size - at));
    file.read(at, bytes);
    hash.update(bytes);
  }
  file.close();
  return hash.digest('hex');
}
