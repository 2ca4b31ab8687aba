import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.ts';

/** The command line from its sources. */
export const sourceProgram = `${root}src/cli/scratchformer.js`;

/** The command line as it is built, which starts in half the time, if no source is newer; otherwise the sources. */
export const program = builtProgram() ?? sourceProgram;

function builtProgram(): string | undefined {
  const built = `${root}dist/src/cli/main.js`;
  if (!existsSync(built)) return undefined;
  const since = statSync(built).mtimeMs;
  const sources = ['src', 'models', 'optimizers'].flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join(root, folder, path)),
  );
  return sources.every((path) => statSync(path).mtimeMs < since) ? built : undefined;
}
