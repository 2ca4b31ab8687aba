/** A checkout whose compiled kernels are not those of its sources says so. */
import { appendFileSync, cpSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/root.ts';
import { runNode } from '../support/runScript.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const warning =
  'kernels: the build is not of the sources in src/kernels/wasm/assembly (npm run build:wasm)\n';

/**
 * What the copy of a checkout says on stderr when its kernels start twice, after `change` in their folder.
 */
async function saysAfter(change: (wasm: string) => void): Promise<string> {
  const cwd = temporaryFolder();
  for (const part of ['src', 'package.json']) cpSync(join(root, part), join(cwd, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'), 'junction');
  change(join(cwd, 'src/kernels/wasm'));
  const script = `import { useBackend } from './src/kernels/index.ts';
    for (const threads of [1, 2]) console.log(useBackend('wasm', { threads }).name);`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const { code, output, errors } = await runNode(args, { cwd });
  expect({ code, output }).toEqual({ code: 0, output: 'wasm\nwasm' });
  return errors;
}

type Change = (wasm: string) => void;
const fresh: [title: string, change: Change][] = [
  ['copied', () => {}],
  ['whose sources have another time', (wasm) => utimesSync(`${wasm}/assembly/math.ts`, 1, 1)],
  ['without sources, as the package is', (wasm) => rmSync(`${wasm}/assembly`, { recursive: true })],
];
const stale: [title: string, change: Change][] = [
  ['of an edited source', (wasm) => appendFileSync(`${wasm}/assembly/math.ts`, '\n')],
  ['of a new source', (wasm) => cpSync(`${wasm}/assembly/math.ts`, `${wasm}/assembly/more.ts`)],
  ['of an edited formula', (wasm) => appendFileSync(`${wasm}/assembly/formulas/gelu.ts`, '\n')],
  ['of a renamed source', (wasm) => renameSync(`${wasm}/assembly/math.ts`, `${wasm}/assembly/maths.ts`)],
  ['of other flags', (wasm) => appendFileSync(`${wasm}/assemble.js`, '\n')],
  ['that does not know its sources', (wasm) => rmSync(`${wasm}/build/sources.json`)],
];

test.each(fresh)('a build %s is used silently', async (_, change) => {
  expect(await saysAfter(change)).toBe('');
});

test.each(stale)('a build %s is used, with one warning', async (_, change) => {
  expect(await saysAfter(change)).toBe(warning);
});
