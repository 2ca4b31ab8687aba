/// <reference path="./globals.d.ts" />
import { fail } from '../tensor/errors.ts';
import type { Platform } from './platform.ts';

/** A browser: a page, or a worker of one. */
export const browser: Platform = {
  get cores() {
    return navigator.hardwareConcurrency;
  },
  get sharesMemory() {
    return globalThis.crossOriginIsolated === true;
  },
  get oneThread() {
    if (!globalThis.crossOriginIsolated) return 'this page is not cross-origin isolated';
    return 'document' in globalThis ? 'the main thread of a page must not wait for others' : null;
  },
  get Worker() {
    return globalThis.Worker as Platform['Worker'];
  },
  variable: () => undefined,
  addressSpaceLeft: () => Number.POSITIVE_INFINITY,
  allowRelaxedSimd() {},
  joinsVectors: false,
  endsWell: () => false,
  atExit() {},
  nextTurn() {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel(); // a timer would cost 4 ms
      Object.assign(port1, { onmessage: () => resolve(port1.close()) });
      port2.postMessage(null);
    });
  },
  readNow: null,
  async read(path) {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`the server answers ${response.status} for ${response.url}`);
    return new Uint8Array(await response.arrayBuffer());
  },
  openFile: noFiles,
  createFile: noFiles,
  sha256: noFiles,
  async open(path) {
    const bytes = await this.read(path);
    const read = async (begin: number, length: number) =>
      new Uint8Array(bytes.subarray(begin, begin + length));
    return { size: bytes.length, read, close: async () => {} };
  },
  absolute: (path) => new URL(path, globalThis.location.href).href,
  async writeFileAtomic() {
    const hint = 'keep the bytes, as encodeSafetensors or encodeCheckpoint makes them';
    fail('writeFileAtomic', 'there are files', 'a browser', hint);
  },
};

function noFiles(path: string): never {
  fail('tokens', 'there are files', `${path} in a browser`, 'hand in an Int32Array of tokens');
}
