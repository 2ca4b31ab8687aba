/** The compiled kernels: the build that this engine runs best, or why there is none. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import type { Build } from '../contract.ts';

/** A module of one fused multiply-add: whether it compiles says whether relaxed SIMD is there. */
// biome-ignore format: bytes
const PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0,
  65, 0, 253, 17, 65, 0, 253, 17, 65, 0, 253, 17, 253, 133, 2, 11,
);

function hasRelaxedSimd(): boolean {
  const fits = () => WebAssembly.validate(PROBE);
  if (fits()) return true;
  setFlagsFromString('--experimental-wasm-relaxed-simd'); // Node 20 has it, behind this flag
  return fits();
}

/** V8's 256-bit vectors, from Node 22 on. An unknown flag would be reported on stderr, not thrown. */
const canRevectorize = process.arch === 'x64' && Number.parseInt(process.versions.v8, 10) >= 12;

export function loadModule(wanted?: Build): { module: WebAssembly.Module; build: Build } | string {
  if (typeof WebAssembly === 'undefined') return 'this engine has no WebAssembly (node --jitless)';
  const best = hasRelaxedSimd() ? 'relaxed' : 'plain'; // asked even if a build is wanted: it may set the flag
  const build = wanted ?? best;
  const bytes = readBuild(build);
  if (typeof bytes === 'string') return bytes;
  if (process.env.SCRATCHFORMER_TURBO && canRevectorize)
    setFlagsFromString('--experimental-wasm-revectorize');
  try {
    return { module: new WebAssembly.Module(bytes), build };
  } catch (error) {
    return `its build ${build}.wasm is damaged or not for this engine: ${(error as Error).message} (npm run build:wasm)`;
  }
}

function readBuild(build: Build): Uint8Array | string {
  try {
    return readFileSync(new URL(`./build/${build}.wasm`, import.meta.url));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? 'its build is missing (npm run build:wasm)'
      : `its build cannot be read (${code})`;
  }
}
