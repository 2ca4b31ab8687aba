// @ts-check
/**
 * Compiles the kernels, `npm run build:wasm`: once for every engine with SIMD, once for those with relaxed
 * SIMD too. With the argument `dist`, copies what is there into the built package.
 */
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));

if (process.argv[2] === 'dist')
  cpSync(path('build'), path('../../../dist/src/kernels/wasm/build'), { recursive: true });
else await assemble({ plain: ['simd'], relaxed: ['simd', 'relaxed-simd'] });

/** @param {Record<string, string[]>} builds features by the name of the build */
async function assemble(builds) {
  const asc = await import('assemblyscript/asc').catch(() => null);
  if (asc === null)
    return console.log('assemblyscript is not installed: the kernels will be those in JavaScript');
  const memory = ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];
  for (const [name, features] of Object.entries(builds)) {
    const enable = ['threads', ...features].flatMap((feature) => ['--enable', feature]);
    const files = [
      path('assembly/index.ts'),
      '--outFile',
      path(`build/${name}.wasm`),
      '--baseDir',
      path('.'),
    ];
    const options = [
      '--runtime',
      'stub',
      ...memory,
      ...enable,
      '-O3',
      '--noAssert',
      '--converge',
      '--disableWarning',
    ];
    const { error, stderr } = await asc.default.main([...files, ...options]);
    if (error) throw new Error(stderr.toString());
  }
}
