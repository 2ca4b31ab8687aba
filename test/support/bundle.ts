/** The package bundled for a browser, as a user's project would do it: by name, and without configuration. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

/**
 * Bundles the pages in a folder, to which it gives the package first; returns the folder of the bundle. A
 * warning of the bundler is an error.
 */
export async function bundle(project: string, packageFolder: string): Promise<string> {
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(packageFolder, join(project, 'node_modules/scratchformer'), 'junction');
  const input = readdirSync(project).filter((name) => name.endsWith('.html'));
  const warnings: string[] = [];
  await build({
    root: project,
    configFile: false,
    logLevel: 'error',
    build: {
      rolldownOptions: {
        input: input.map((name) => join(project, name)),
        onwarn: ({ code, message }) => code !== 'PLUGIN_TIMINGS' && warnings.push(message), // how slow: no matter
      },
    },
  });
  if (warnings.length > 0) throw new Error(`the bundler warns: ${warnings.join('\n')}`);
  return join(project, 'dist');
}

/** The scripts of a bundle, by name. */
export function scriptsOf(folder: string): [name: string, text: string][] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.js'))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
}
