import type { Worker } from 'node:worker_threads';
import { addressSpaceLeft } from './addressSpace.ts';
import { writeFileAtomic } from './atomicFile.ts';
import { createFile, openFile, sha256 } from './files.ts';
import type { Platform, Thread } from './platform.ts';
import { openReadable } from './readable.ts';

/** Node. Its modules are asked for where they are used: importing this file in a browser does nothing. */
export const node: Platform = {
  get cores() {
    return process.getBuiltinModule('node:os').availableParallelism();
  },
  sharesMemory: true,
  oneThread: null,
  get Worker() {
    return NodeThread;
  },
  variable: (name) => process.env[name],
  addressSpaceLeft,
  allowRelaxedSimd: () => setFlag('--experimental-wasm-relaxed-simd'), // Node 20; later ones just have it
  get joinsVectors() {
    return process.arch === 'x64' && Number.parseInt(process.versions.v8, 10) >= 13; // Node 24
  },
  endsWell(program, args) {
    const { spawnSync } = process.getBuiltinModule('node:child_process');
    const { basename } = process.getBuiltinModule('node:path');
    if (!/^node(\.exe)?$/.test(basename(process.execPath))) return false; // an application that has Node inside
    try {
      const path = process.getBuiltinModule('node:url').fileURLToPath(program);
      const env = { ...process.env, NODE_OPTIONS: '' };
      const options = { stdio: 'ignore', timeout: 10_000, env } as const;
      return spawnSync(process.execPath, [path, ...args], options).status === 0;
    } catch {
      return false; // node --permission
    }
  },
  atExit: (callback) => process.once('exit', callback),
  nextTurn: () => process.getBuiltinModule('node:timers/promises').setImmediate(),
  readNow: (url) => process.getBuiltinModule('node:fs').readFileSync(url),
  read: (path) => process.getBuiltinModule('node:fs/promises').readFile(path),
  open: openReadable,
  absolute: (path) => process.getBuiltinModule('node:path').resolve(path),
  openFile,
  createFile,
  sha256,
  writeFileAtomic,
};

class NodeThread implements Thread {
  onerror: Thread['onerror'] = null;
  readonly #worker: Worker;

  constructor(url: URL) {
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    this.#worker = new Worker(url, { execArgv: [], env: {} });
    this.#worker.on('error', (error) => this.onerror?.(error));
    this.#worker.unref();
  }

  postMessage(data: unknown): void {
    this.#worker.postMessage(data);
  }
}

function setFlag(flag: string): void {
  process.getBuiltinModule('node:v8').setFlagsFromString(flag);
}
