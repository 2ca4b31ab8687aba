/** Checks an answer to a lesson from the text of its file, as `npm run learn` does. */
import { fail, manualSeed, prepareBackend } from 'scratchformer';
import { suggest } from 'scratchformer/tensor';
import { transform } from 'sucrase';
import { type Check, type Outcome, takeSteps } from '../../../learn/support/check.ts';

type Exports = Record<string, unknown>;

const checks = import.meta.glob<Check<object>>('../../../learn/checks/*.ts', { import: 'default' });
const shelf = import.meta.glob<Exports>([
  '../../../learn/support/blank.ts',
  '../../../../{models,optimizers}/index.ts',
  '../../../../src/index.ts',
  '../../../../src/{autograd,corpora,data,generation,nn,ops,tensor,tokenizers,train}/index.ts',
]);

/** What a file can import, by the name in the import. */
const modules = new Map(Object.entries(shelf).map(([path, load]) => [nameOf(path), load]));

function nameOf(path: string): string {
  if (path.endsWith('blank.ts')) return '../support/blank.ts';
  return path.replace(/^(\.\.\/)+(src\/)?/, 'scratchformer/').replace(/\/index\.ts$/, '');
}

export async function checkAnswer(lesson: string, text: string): Promise<Outcome> {
  await prepareBackend();
  const check = await checks[`../../../learn/checks/${lesson}.ts`]!();
  try {
    const answer = await load(lesson, text);
    manualSeed(1);
    return await takeSteps(check, answer);
  } catch (error) {
    return { passed: [], failed: { step: 'the file can be loaded', message: (error as Error).message } };
  }
}

/** Runs a file of TypeScript, whose types go unchecked; its exports. Lines in its errors are lines of the file. */
async function load(lesson: string, text: string): Promise<Exports> {
  const { code } = transform(text, { transforms: ['typescript', 'imports'], disableESTransforms: true });
  const imported = new Map<string, Exports>();
  for (const [, name] of code.matchAll(/\brequire\('([^']+)'\)/g)) imported.set(name!, await moduleOf(name!));
  const program = `(function (require, exports) {${code}\n})\n//# sourceURL=learn/${lesson}.ts`;
  // biome-ignore lint/security/noGlobalEval: the student's own program, in a worker of its own
  const run = globalThis.eval(program) as (require: (name: string) => unknown, exports: Exports) => void;
  const exports: Exports = {};
  run((name) => imported.get(name), exports);
  return exports;
}

function moduleOf(name: string): Promise<Exports> {
  const known = modules.get(name);
  return known
    ? known()
    : fail('import', 'it names a module of the library', name, suggest(name, [...modules.keys()]));
}
