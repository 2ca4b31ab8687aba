/**
 * Writes the index.ts of the folders in which one file is one public thing: a line for each file, so that
 * adding an op, a layer, an optimizer or a model is adding a file. A test checks that the indexes are as this
 * would write them.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { root } from '../support/root.ts';

/** Folder → files that are not public, and folders whose index is part of this one. */
export const barrels = [
  { folder: 'src/ops/activations', hidden: [], inner: [] },
  { folder: 'src/ops', hidden: ['operands.ts'], inner: ['activations'] },
  {
    folder: 'src/kernels/js',
    hidden: ['powerOfNumber.ts', 'softmaxSums.ts', 'uniform.ts'],
    inner: [],
  },
  { folder: 'src/kernels/wasm/wrappers', hidden: [], inner: [] },
  { folder: 'src/kernels/webgpu/kernels', hidden: [], inner: [] },
  { folder: 'src/kernels/wasm/assembly/formulas', hidden: [], inner: [] },
  {
    folder: 'src/kernels/wasm/assembly',
    hidden: [
      'attentionPlan.ts',
      'attentionScores.ts',
      'map.ts',
      'math.ts',
      'panels.ts',
      'simd.ts',
      'tile.ts',
      'tileWide.ts',
      'vectors.ts',
      'wide.ts',
    ],
    inner: ['formulas'],
  },
  {
    folder: 'src/nn',
    hidden: [
      'attentionOptions.ts',
      'blockOptions.ts',
      'checks.ts',
      'convolutionParameters.ts',
      'loraAdapter.ts',
      'sinusoids.ts',
      'stateDict.ts',
      'summary.ts',
    ],
    inner: [],
  },
  { folder: 'src/generation', hidden: ['samplingOptions.ts'], inner: [] },
  { folder: 'src/report', hidden: [], inner: [] },
  {
    folder: 'src/distributed',
    hidden: [
      'host.ts',
      'launcher.ts',
      'layout.ts',
      'library.ts',
      'mpi.ts',
      'reduce.ts',
      'slots.ts',
      'uses.ts',
    ],
    inner: [],
  },
  { folder: 'src/train', hidden: ['trainerOptions.ts'], inner: [] },
  { folder: 'optimizers', hidden: [], inner: [] },
  { folder: 'models', hidden: ['gptOptions.ts'], inner: [] },
];

export function barrelText({ folder, hidden, inner }: (typeof barrels)[number]): string {
  const files = readdirSync(root + folder).filter((name) => name.endsWith('.ts') && name !== 'index.ts');
  const lines = [
    ...inner.map((name) => `${name}/index.ts`),
    ...files.filter((name) => !hidden.includes(name as never)),
  ];
  // AssemblyScript wants no ending.
  const path = (name: string) => (folder.includes('/assembly') ? name.replace(/\.ts$/, '') : name);
  const exports = lines.sort(inAnyCase).map((name) => `export * from './${path(name)}';\n`);
  return `// Made by \`npm run barrels\`: one line for each file of this folder.\n${exports.join('')}`;
}

/** The order that the linter wants: dropout before dropPath. */
function inAnyCase(a: string, b: string): number {
  return a.localeCompare(b, 'en', { sensitivity: 'base' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const barrel of barrels) writeFileSync(`${root}${barrel.folder}/index.ts`, barrelText(barrel));
}
