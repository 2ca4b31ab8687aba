/** A family's table of names, and both ways through it. */
import type { TensorFile } from '../io/index.ts';
import type { Module } from '../nn/index.ts';
import { check, display, type Tensor, zeros } from '../tensor/index.ts';
import { type Move, moved, same } from './moves.ts';

/**
 * Names of ours, names of theirs, and how the numbers move (default: as they are). `{i}` is each block's
 * number, `{query,key}` each of these words.
 */
export type Row = readonly [ours: string, theirs: string, move?: Move];

/** A row for one block, with all its names. */
interface Line {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly move: Move;
}

/** The rows with their names written out. */
function linesOf(rows: readonly Row[], layers: number): Line[] {
  return rows.flatMap(([ours, theirs, move = same]) =>
    Array.from({ length: ours.includes('{i}') ? layers : 1 }, (_, i) => ({
      ours: names(ours, i),
      theirs: names(theirs, i),
      move,
    })),
  );
}

function names(pattern: string, block: number): string[] {
  const [, before, words, after] = /^(.*)\{(.*,.*)\}(.*)$/.exec(pattern.replaceAll('{i}', `${block}`)) ?? [];
  if (words === undefined) return [pattern.replaceAll('{i}', `${block}`)];
  return words.split(',').map((word) => before! + word + after!);
}

/**
 * Their tensors from a state dict of ours. A bias that our model is without is zeros there; what the table
 * has no place for is an error that names it.
 */
export function toTheirs(
  where: string,
  state: ReadonlyMap<string, Tensor>,
  rows: readonly Row[],
  layers: number,
): Map<string, Tensor> {
  const lines = linesOf(rows, layers);
  const known = new Set(lines.flatMap(({ ours }) => ours));
  const homeless = [...state.keys()].filter((name) => !known.has(name));
  check(homeless.length === 0, where, 'the format has a place for every parameter', () =>
    homeless.join(', '),
  );
  return new Map(
    lines.flatMap(({ ours, theirs, move }) => {
      const tensors = ours.map((name) => state.get(name) ?? noBias(name, state));
      return moved(() => move.toTheirs(tensors)).map((x, i): [string, Tensor] => [theirs[i]!, x]);
    }),
  );
}

/** Zeros, as many as the weight or the gain beside the bias has rows. */
function noBias(name: string, state: ReadonlyMap<string, Tensor>): Tensor {
  const [weight, gain] = ['weight', 'gain'].map((word) => state.get(name.replace(/bias$/, word)));
  return zeros([(weight ?? gain)!.shape[0]!], { dtype: (weight ?? gain)!.dtype });
}

/** The names in a file of theirs, as the table has them, with those that the file has. */
export type FoundNames = ReadonlyMap<string, string>;

/** Fills our model from their file, one row after the other. Nothing may be left over, or be missing. */
export async function fill(
  where: string,
  model: Module,
  rows: readonly Row[],
  layers: number,
  file: TensorFile,
  found: FoundNames,
): Promise<void> {
  const lines = linesOf(rows, layers);
  const known = new Set(lines.flatMap(({ theirs }) => theirs));
  const missing = [...known].filter((name) => !found.has(name));
  const unexpected = [...found].flatMap(([name, inFile]) => (known.has(name) ? [] : [inFile]));
  check(
    missing.length + unexpected.length === 0,
    where,
    'the tensors are those of the model that the config describes',
    () => `missing: ${few(missing)}; unexpected: ${few(unexpected)}`,
  );
  for (const { ours, theirs, move } of lines) {
    const tensors: Tensor[] = [];
    for (const name of theirs) tensors.push(await file.read(found.get(name)!));
    const values = moved(() => move.toOurs(tensors));
    model.loadStateDict(new Map(ours.map((name, i) => [name, values[i]!])), { strict: false });
  }
}

const few = (list: readonly string[]) =>
  list.length > 8 ? `${list.slice(0, 8).join(', ')} and ${list.length - 8} more` : list.join(', ') || 'none';

/** Checks that two names of a file, where both are there, have the same numbers: one is shared. */
export async function checkCopies(
  where: string,
  copies: readonly (readonly [copy: string, original: string])[],
  file: TensorFile,
  found: Map<string, string>,
): Promise<void> {
  for (const [copy, original] of copies) {
    const [a, b] = [found.get(copy), found.get(original)];
    if (a === undefined || b === undefined) continue;
    const [x, y] = [(await file.read(a)).data, (await file.read(b)).data];
    const equal = x.length === y.length && x.every((value, i) => Object.is(value, y[i]));
    check(equal, where, `${a} is ${b} once more, as the config says`, () => display('other numbers'));
    found.delete(copy);
  }
}
