/** Which source imports which: what the architecture test is about. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { root } from './root.ts';

export interface Import {
  /** The importing file, from the project's root: `src/ops/add.ts`. */
  readonly from: string;
  /** The imported file, or the name of a package. */
  readonly to: string;
  /** `import type` and `export type`, which are gone when the program runs. */
  readonly typeOnly: boolean;
}

/** The TypeScript files of a folder and of the folders in it. */
export function sourcesIn(folder: string): string[] {
  return filesIn(folder, /\.ts$/);
}

/** The files of a folder and of the folders in it whose names have this ending. */
export function filesIn(folder: string, ending: RegExp): string[] {
  return readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => posix.join(folder, name));
}

const statement = /^(?:import|export)\s+(type\s+)?(?:[\w$*\s{},]*?\bfrom\s+)?'([^']+)'/gm;
const dynamic = /\bimport\('([^']+)'\)/g;

export function importsOf(from: string, text = readFileSync(root + from, 'utf8')): Import[] {
  const resolve = (to: string) => (to.startsWith('.') ? posix.join(posix.dirname(from), to) : to);
  return [
    ...[...text.matchAll(statement)].map(([, type, to]) => ({
      from,
      to: resolve(to!),
      typeOnly: type !== undefined,
    })),
    ...[...text.matchAll(dynamic)].map(([, to]) => ({ from, to: resolve(to!), typeOnly: false })),
  ];
}

/** Files that import each other's values in a circle, `[a, b, a]`; null if there are none. */
export function findCycle(imports: readonly Import[]): string[] | null {
  const done = new Set<string>();
  function follow(path: readonly string[]): string[] | null {
    const file = path.at(-1)!;
    if (path.indexOf(file) < path.length - 1) return path.slice(path.indexOf(file));
    if (done.has(file)) return null;
    for (const { from, to, typeOnly } of imports) {
      const cycle = from === file && !typeOnly ? follow([...path, to]) : null;
      if (cycle) return cycle;
    }
    done.add(file);
    return null;
  }
  for (const { from } of imports) {
    const cycle = follow([from]);
    if (cycle) return cycle;
  }
  return null;
}
