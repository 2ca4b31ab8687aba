/** The package as it is installed, JavaScript without tsx, in a folder of its own that a test may damage. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.ts';

/**
 * Builds it into a new folder, beside its dependencies; what is built in the project itself is not touched.
 */
export function buildPackage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scratchformer-package-'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [
    tsc,
    '-p',
    join(root, 'tsconfig.build.json'),
    '--outDir',
    join(folder, 'dist'),
  ]);
  for (const path of ['package.json', 'src/cli/scratchformer.js', 'src/cli/watch/page'])
    cpSync(join(root, path), join(folder, path), { recursive: true });
  cpSync(join(root, 'src/kernels/wasm/build'), join(folder, 'dist/src/kernels/wasm/build'), {
    recursive: true,
  });
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies }).filter(
    (name) => !name.includes('/'),
  )) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  return folder;
}
