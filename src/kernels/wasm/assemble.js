// @ts-check
/**
 * Compiles the kernels, `npm run build:wasm`, if their sources have changed: once for every engine with SIMD,
 * once for those with relaxed SIMD too, once for those that join vectors, side by side. With the argument `dist`, copies what is there into the
 * built package.
 */
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { constantsToMemory } from './constants.js';
import { forgetSources, isUpToDate, rememberSources } from './sources.js';

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));

/** @type {Readonly<Record<string, readonly string[]>>} name of the build → what it uses beside threads */
const builds = {
  plain: ['simd'],
  relaxed: ['simd', 'relaxed-simd'],
  wide: ['simd', 'relaxed-simd'],
};

/**
 * Each build has a table of constants in the first page of the memory, which is left alone otherwise. They lie
 * apart: a build that is tried does no harm to the one in use.
 */
const tableOf = (/** @type {string} */ name) => 32768 + 4096 * Object.keys(builds).indexOf(name);

if (!isMainThread) await compile(workerData);
else if (process.argv[2] === 'dist') copyTo('../../../dist/src/kernels/wasm/build');
else await compileAll();

async function compileAll() {
  const asc = await compiler();
  if (asc === null)
    return console.log('assemblyscript is not installed: the kernels will be those in JavaScript');
  const names = Object.keys(builds);
  if (names.every((name) => existsSync(path(`build/${name}.wasm`))) && isUpToDate(asc.version))
    return rememberSources(asc.version);
  forgetSources();
  await Promise.all(
    names.map((name) => finished(new Worker(new URL(import.meta.url), { workerData: name }))),
  );
  rememberSources(asc.version);
}

/** The AssemblyScript compiler, if it is installed. */
function compiler() {
  return import('assemblyscript/asc').then(({ default: asc }) => asc).catch(() => null);
}

/** @param {string} name */
async function compile(name) {
  const enable = ['threads', ...(builds[name] ?? [])].flatMap((feature) => ['--enable', feature]);
  const memory = ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];
  const entries = name === 'wide' ? ['assembly/wide.ts', 'assembly/index.ts'] : ['assembly/index.ts'];
  const files = [...entries.map(path), '--baseDir', path('.'), '--textFile', 'kernels.wat'];
  const options = ['--runtime', 'stub', ...memory, ...enable, '-O3', '--noAssert', '--disableWarning'];
  const writeFile = (/** @type {string} */ _, /** @type {string | Uint8Array} */ text) =>
    writeFileSync(path(`build/${name}.wasm`), constantsToMemory(String(text), tableOf(name)));
  mkdirSync(path('build'), { recursive: true });
  const result = await (await compiler())?.main([...files, ...options], { writeFile });
  if (result?.error) throw new Error(result.stderr.toString());
}

/** @param {Worker} worker */
function finished(worker) {
  return new Promise((resolve, reject) => worker.once('error', reject).once('exit', resolve));
}

/** @param {string} folder */
function copyTo(folder) {
  mkdirSync(path(folder), { recursive: true });
  for (const name of Object.keys(builds)) cpSync(path(`build/${name}.wasm`), path(`${folder}/${name}.wasm`));
}
