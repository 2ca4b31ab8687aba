import { decodeSafetensors, encodeSafetensors, writeFileAtomic } from '../io/index.ts';
import { checkSeal, seal, unsealed } from '../io/seal.ts';
import { platform } from '../platform/index.ts';
import {
  check,
  checkWhole,
  display,
  fail,
  type RandomState,
  required,
  Tensor,
  withDefaults,
} from '../tensor/index.ts';

/** Everything a run needs to continue as if it had never stopped. */
export interface Checkpoint {
  /** Number of steps done. */
  readonly step: number;
  /** The model, by `model.stateDict()`. */
  readonly model: ReadonlyMap<string, Tensor>;
  /** The optimizer, by `optimizer.stateDict()`: tensors, and plain data beside them. */
  readonly optimizer: OptimizerSnapshot;
  /** The averages of the weights, by `ema.stateDict()`, if there are any. */
  readonly ema?: OptimizerSnapshot | undefined;
  /** The random streams, by `randomState()`. */
  readonly random: RandomState;
  /** The caller's own plain data: how to build the model, the tokenizer, … */
  readonly info: Readonly<Record<string, unknown>>;
}

/** The state of an optimizer: tensors, and plain data beside them. */
export type OptimizerSnapshot = { readonly tensors: ReadonlyMap<string, Tensor> } & Readonly<
  Record<string, unknown>
>;

const FORMAT = 'scratchformer checkpoint 2';
/** Before there was a checksum. */
const EARLIER = 'scratchformer checkpoint 1';

/** Writes `encodeCheckpoint` atomically. */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await writeFileAtomic(path, encodeCheckpoint(checkpoint, 'saveCheckpoint'));
}

/**
 * The bytes of one safetensors file: tensors `model.*`, `optimizer.*` and `ema.*`, the rest as JSON in the
 * metadata, with a checksum over all of it.
 */
export function encodeCheckpoint(checkpoint: Checkpoint, where = 'encodeCheckpoint'): Uint8Array {
  const given = withDefaults<Record<keyof Checkpoint, unknown>>(where, checkpoint, {
    step: required,
    model: required,
    optimizer: required,
    ema: undefined,
    random: required,
    info: required,
  });
  checkWhole(where, { step: given.step });
  for (const name of ['optimizer', 'random', 'info'] as const)
    check(isObject(given[name]), where, `${name} is an object`, () => display(given[name]));
  const { step, random, info, model } = checkpoint;
  const { tensors, ...optimizer } = checkpoint.optimizer;
  const { tensors: averages = new Map(), ...ema } = checkpoint.ema ?? {};
  const all = new Map([
    ...prefixed(where, 'model.', model),
    ...prefixed(where, 'optimizer.', tensors),
    ...prefixed(where, 'ema.', averages),
  ]);
  const state = JSON.stringify({ step, random, info, optimizer, ...(checkpoint.ema && { ema }) });
  return seal(encodeSafetensors(all, { ...unsealed, format: FORMAT, state }));
}

/** The tensors under longer names, if all their values are finite. */
function prefixed(where: string, prefix: string, tensors: ReadonlyMap<string, Tensor>): [string, Tensor][] {
  const areTensors =
    tensors instanceof Map && [...tensors.values()].every((value: unknown) => value instanceof Tensor);
  check(areTensors, where, `the tensors of ${prefix}* are a Map by name, as stateDict gives it`, () =>
    display(tensors),
  );
  return [...tensors].map(([name, tensor]): [string, Tensor] => {
    const bad =
      tensor.dtype === 'int32'
        ? undefined
        : tensor.toTypedArray().find((value: number) => !Number.isFinite(value));
    check(
      bad === undefined,
      where,
      'all values are finite',
      () => `${bad} in ${prefix}${name}`,
      () => 'did training diverge?',
    );
    return [prefix + name, tensor];
  });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Reads what `saveCheckpoint` has written, from a file, in a browser from an address. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const where = `checkpoint ${path}`;
  const bytes = await platform
    .read(path)
    .catch((error: Error & { code?: string }) =>
      fail(
        where,
        'the file can be read',
        error.code ?? error.message,
        'was a model trained there (train --out)?',
      ),
    );
  return decodeCheckpoint(bytes, where);
}

/** The checkpoint that `encodeCheckpoint` made these bytes of. Errors start with `where`. */
export function decodeCheckpoint(bytes: Uint8Array, where = 'decodeCheckpoint'): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes, where);
  const format = metadata.get('format') ?? 'a safetensors file without a format';
  check([FORMAT, EARLIER].includes(format), where, `the file is a "${FORMAT}"`, () => display(format));
  if (format === FORMAT || metadata.has('checksum')) checkSeal(bytes, where);
  const { optimizer, ema, ...state } = parseState(where, metadata.get('state'));
  return {
    ...state,
    model: withPrefix(tensors, 'model.'),
    optimizer: { ...optimizer, tensors: withPrefix(tensors, 'optimizer.') },
    ...(ema && { ema: { ...ema, tensors: withPrefix(tensors, 'ema.') } }),
  };
}

type State = Pick<Checkpoint, 'step' | 'random' | 'info'> & {
  readonly optimizer: Record<string, unknown>;
  readonly ema?: Record<string, unknown>;
};

function parseState(where: string, text: string | undefined): State {
  let state: unknown;
  try {
    state = JSON.parse(text ?? '');
  } catch {
    fail(where, 'its state is JSON', text === undefined ? 'none' : 'something else', 'the file is damaged');
  }
  const { step, random, info, optimizer } = (state ?? {}) as Partial<State>;
  const complete = Number.isInteger(step) && [random, info, optimizer].every(isObject);
  check(complete, where, 'its state has step, random, info and optimizer', () =>
    Object.keys(state ?? {}).join(', '),
  );
  return state as State;
}

function withPrefix(tensors: ReadonlyMap<string, Tensor>, prefix: string): Map<string, Tensor> {
  const matching = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(matching.map(([name, value]) => [name.slice(prefix.length), value]));
}
