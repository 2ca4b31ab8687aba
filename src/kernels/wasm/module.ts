/** The compiled kernels: the build that this engine runs best, or why there is none. */
import { platform } from '../../platform/index.ts';
import type { Build } from '../contract.ts';
import { notShared } from './notShared.ts';
import { agree, compileWide, trialProgram, wideBuild } from './wide.js';

/** Written out, because bundlers look for exactly this, and take the files along. */
const files: ReadonlyMap<Build, URL> = new Map([
  ['plain', new URL('./build/plain.wasm', import.meta.url)],
  ['relaxed', new URL('./build/relaxed.wasm', import.meta.url)],
]);

/** What `prepareModule` has fetched and compiled. */
const prepared = new Map<Build, WebAssembly.Module>();

/** A module of one fused multiply-add: whether it compiles says whether relaxed SIMD is there. */
// biome-ignore format: bytes
const PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0,
  65, 0, 253, 17, 65, 0, 253, 17, 65, 0, 253, 17, 253, 133, 2, 11,
);

function bestBuild(): Build {
  const fits = () => WebAssembly.validate(PROBE);
  if (!fits()) platform.allowRelaxedSimd();
  return fits() ? 'relaxed' : 'plain';
}

/** Fetches and compiles a build where `loadModule` cannot read it at once, that is, in a browser. */
export async function prepareModule(wanted?: Build): Promise<void> {
  if (typeof WebAssembly === 'undefined' || platform.readNow !== null) return;
  const build = wanted ?? bestBuild();
  const url = files.get(build);
  if (url === undefined || prepared.has(build)) return;
  const bytes = await platform.read(url);
  prepared.set(build, await WebAssembly.compile(platform.sharesMemory ? bytes : notShared(bytes)));
}

export function loadModule(wanted?: Build): { module: WebAssembly.Module; build: Build } | string {
  if (typeof WebAssembly === 'undefined') return 'this engine has no WebAssembly (node --jitless)';
  const best = bestBuild(); // asked even if a build is wanted: it may set a flag
  const build = wanted ?? best;
  const ready = prepared.get(build);
  if (ready) return { module: ready, build };
  const bytes = readBuild(build);
  if (typeof bytes === 'string') return bytes;
  try {
    const wide = build === 'wide' && platform.joinsVectors;
    const module = wide ? compileWide(bytes) : new WebAssembly.Module(bytes);
    if (build !== 'relaxed' || wanted !== undefined) return { module, build };
    const better = widerThan(module);
    return better ? { module: better, build: 'wide' } : { module, build };
  } catch (error) {
    return `its build ${build}.wasm is damaged or not for this engine: ${(error as Error).message} (npm run build:wasm)`;
  }
}

/** What `widerThan` has found; undefined before. */
let wider: WebAssembly.Module | null | undefined;

/** The build `wide`, if it is safe here and faster; see ./wide.js. `SCRATCHFORMER_TURBO=0` does without. */
function widerThan(relaxed: WebAssembly.Module): WebAssembly.Module | null {
  if (!platform.joinsVectors || platform.variable('SCRATCHFORMER_TURBO') === '0') return null;
  if (wider === undefined) wider = tried(relaxed);
  return wider;
}

function tried(relaxed: WebAssembly.Module): WebAssembly.Module | null {
  const bytes = readBuild('wide');
  const builds = [wideBuild.href, files.get('relaxed')!.href];
  if (typeof bytes === 'string' || !platform.endsWell(trialProgram, builds)) return null;
  const wide = compileWide(bytes);
  return agree(wide, relaxed) ? wide : null; // once more, in this process
}

function readBuild(build: Build): Uint8Array<ArrayBuffer> | string {
  const url = build === 'wide' ? wideBuild : files.get(build);
  if (url === undefined) return 'its build is missing (npm run build:wasm)';
  if (platform.readNow === null)
    return `its build ${build} has not been fetched (await prepareBackend() first)`;
  try {
    return platform.readNow(url);
  } catch (error) {
    const { code } = error as { code?: string };
    return code === 'ENOENT'
      ? 'its build is missing (npm run build:wasm)'
      : `its build cannot be read (${code})`;
  }
}
