// @ts-check
/**
 * Whether the compiled kernels are those of the sources in assembly/. Plain JavaScript, because the compiling
 * script loads it too; without a static import, because a page loads it as well, and has nothing to compare.
 */
const load = globalThis.process?.getBuiltinModule;
const fs = () => load('node:fs');
const at = (/** @type {string} */ name) => load('node:url').fileURLToPath(new URL(name, import.meta.url));

/** @typedef {{ glance: string, contents: string, compiler: string }} Memory of the sources of a build */

/**
 * The files of a folder and of those inside it.
 *
 * @returns {string[]}
 */
function filesIn(/** @type {string} */ folder) {
  const paths = fs()
    .readdirSync(folder)
    .sort()
    .map((name) => `${folder}/${name}`);
  return paths.flatMap((path) => (path.endsWith('.ts') ? [path] : filesIn(path)));
}

/** The sources, and the scripts that say how they are compiled. */
const sources = () => [...filesIn(at('assembly')), at('assemble.js'), at('constants.js')];

/** Sizes and times: where these are as they were, the contents need not be read. */
function glance() {
  const looks = sources().map((path) => {
    const { size, mtimeMs } = fs().statSync(path);
    return `${path.slice(at('.').length)} ${size} ${mtimeMs}`;
  });
  return looks.join('\n');
}

/** A hash of all that decides the result. */
function contents(/** @type {string} */ compiler) {
  const hash = load('node:crypto').createHash('sha256').update(compiler);
  for (const path of sources()) hash.update(path.slice(at('.').length)).update(fs().readFileSync(path));
  return hash.digest('hex');
}

/** @returns {Memory | null} */
function remembered() {
  const path = at('build/sources.json');
  return fs().existsSync(path) ? JSON.parse(fs().readFileSync(path, 'utf8')) : null;
}

/** Whether the build is what this compiler, or the one that made it, would make of the sources. */
export function isUpToDate(compiler = remembered()?.compiler) {
  return compiler !== undefined && remembered()?.contents === contents(compiler);
}

export function rememberSources(/** @type {string} */ compiler) {
  /** @type {Memory} */
  const memory = { glance: glance(), contents: contents(compiler), compiler };
  fs().writeFileSync(at('build/sources.json'), JSON.stringify(memory));
}

export function forgetSources() {
  fs().rmSync(at('build/sources.json'), { force: true });
}

let told = false;

/** Says once, in a checkout, that the sources are no longer those that were compiled. */
export function warnIfStale() {
  if (told || load === undefined) return;
  try {
    if (!fs().existsSync(at('assembly'))) return; // the published package
    if (remembered()?.glance === glance() || isUpToDate()) return;
  } catch {
    return; // files that may not be read say nothing
  }
  told = true;
  console.warn('kernels: the build is not of the sources in src/kernels/wasm/assembly (npm run build:wasm)');
}
