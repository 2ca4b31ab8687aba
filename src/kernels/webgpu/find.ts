/** The library that speaks WebGPU: Dawn, with its C interface, as it lies in a package of npm. */
import { nativePackage } from '../../platform/thread.js';

/** Layouts of structs differ between versions, so it is this one and no other. */
export const VERSION = '0.1.7';

const files: Partial<Record<string, string>> = {
  'darwin-arm64': 'libwebgpu_wrapper.dylib',
  'darwin-x64': 'libwebgpu_wrapper.dylib',
  'linux-x64': 'libwebgpu_wrapper.so',
  'win32-x64': 'webgpu_wrapper.dll',
};

/** A C library as koffi loads it. */
export interface Library {
  func(signature: string): (...args: unknown[]) => unknown;
  func(name: string, result: unknown, parameters: readonly unknown[]): (...args: unknown[]) => unknown;
}

/** The part of koffi that is used here; a pointer is a bigint. */
export interface Koffi {
  load(path: string): Library;
  struct(fields: Readonly<Record<string, unknown>>): object;
  proto(result: string, parameters: readonly unknown[]): object;
  pointer(type: object): object;
  register(callback: (...args: never[]) => void, type: object): bigint;
  alloc(type: object | string, length: number): bigint;
  encode(at: bigint, offset: number, type: object, value: unknown): void;
  decode(at: bigint, type: object): never;
  address(value: ArrayBufferView): bigint;
  view(at: bigint, length: number): ArrayBuffer;
  sizeof(type: object): number;
}

/** koffi, and the library that it has loaded. */
export interface Native {
  readonly koffi: Koffi;
  readonly library: Library;
}

/** Finds koffi and the library, or says what is missing. `SCRATCHFORMER_WEBGPU` names a library. */
export function findDawn(): Native | string {
  if (typeof process === 'undefined') return 'a browser has no native libraries';
  const system = `${process.platform}-${process.arch}`;
  let koffi: Koffi;
  try {
    koffi = nativePackage('koffi');
  } catch {
    return `the optional package koffi is missing or has no build for ${system} (npm install koffi)`;
  }
  const path = process.env.SCRATCHFORMER_WEBGPU || inPackage(system);
  if (typeof path !== 'string') return path.lack;
  try {
    const library = koffi.load(path);
    library.func('void *wgpuCreateInstance(void *)');
    return { koffi, library };
  } catch (error) {
    return `${path} is no library of WebGPU for this system (${(error as Error).message})`;
  }
}

function inPackage(system: string): string | { lack: string } {
  const file = files[system];
  if (file === undefined) return { lack: `there is no library for ${system}` };
  const name = `bun-webgpu-${system}`;
  const install = `npm install ${name}@${VERSION}`;
  try {
    const folder = nativeFolder(name);
    const { version } = nativePackage(`${name}/package.json`) as { version: string };
    if (version !== VERSION) return { lack: `${name} is version ${version} (${install})` };
    return `${folder}/${file}`;
  } catch {
    return { lack: `the package ${name} is missing (${install})` };
  }
}

function nativeFolder(name: string): string {
  const { createRequire } = process.getBuiltinModule('node:module');
  const { dirname } = process.getBuiltinModule('node:path');
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}
