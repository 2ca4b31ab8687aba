// @ts-check
/**
 * Compiles the kernels, `npm run build:wasm`: once for every engine with SIMD, once for those with relaxed SIMD too.
 * With the argument `dist`, copies what is there into the built package.
 */
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const builds = { plain: ['simd'], relaxed: ['simd', 'relaxed-simd'] };

for (const [name, features] of process.argv[2] === 'dist' ? [] : Object.entries(builds)) {
  const enable = ['threads', ...features].flatMap((feature) => ['--enable', feature]);
  const memory = ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];
  const options = ['--runtime', 'stub', ...memory, ...enable, '-O3', '--noAssert', '--converge', '--disableWarning'];
  const files = [path('assembly/index.ts'), '--outFile', path(`build/${name}.wasm`), '--baseDir', path('.')];
  const { error, stderr } = await asc.main([...files, ...options]);
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}
if (process.argv[2] === 'dist')
  cpSync(path('build'), path('../../../dist/src/kernels/wasm/build'), { recursive: true });
