import {
  check,
  empty,
  type Memory,
  persistentZeros,
  type Shape,
  sameShape,
  show,
  Tensor,
} from '../src/tensor/index.ts';

/** The state of an optimizer, as `stateDict` returns it. Everything but `tensors` is plain JSON. */
export type OptimizerState = SavedTensors & {
  /** The name of the optimizer's class. */
  readonly kind: string;
  readonly lr: number;
  readonly steps: number;
  readonly groups: readonly GroupState[];
};

/** A state as loaded: only its tensors have been validated. */
export type SavedTensors = {
  /**
   * `3.m` is the state m of parameter 3, counted through all groups; parameters that were never updated have
   * none.
   */
  readonly tensors: ReadonlyMap<string, Tensor>;
};

/** One group of parameters, as it is saved: its options, and how often each parameter was updated. */
export interface GroupState {
  readonly name: string;
  /** The group's options without the rate, and `lrScale`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The shape of each parameter. */
  readonly shapes: readonly Shape[];
  /** The number of updates of each parameter. */
  readonly updates: readonly number[];
}

/** The state of one parameter while the optimizer lives. */
export interface Entry<S extends string> {
  /** Updates of this parameter so far: steps without a gradient do not count. */
  updates: number;
  readonly tensors: Record<S, Tensor>;
}

/** Zeros in the shape and type of `x`, for state: nobody frees them while the optimizer lives. */
export function zerosLike(x: Tensor): Tensor {
  return persistentZeros(x.shape, x.dtype, 'optimizer state');
}

/** Runs `body` on numbers of the type of `like`, arbitrary at first, whose memory goes back at the end. */
export function withTemporaries(
  like: Memory,
  lengths: readonly number[],
  body: (...numbers: Memory[]) => void,
): void {
  const dtype = like instanceof Float64Array ? 'float64' : 'float32';
  const made = lengths.map((length) => empty([length], dtype, 'optimizer'));
  try {
    body(...made.map(({ memory }) => memory));
  } finally {
    for (const { storage } of made) storage.release();
  }
}

/** A record with f(value) for each value. */
export function mapValues<S extends string, T, R>(record: Record<S, T>, f: (value: T) => R): Record<S, R> {
  const mapped = {} as Record<S, R>;
  for (const name in record) mapped[name] = f(record[name]);
  return mapped;
}

/** A copy of `x` as plain data, which no later step changes. */
export function copyOf(x: Tensor): Tensor {
  return Tensor.over(x.toTypedArray(), x.shape);
}

/** Checks that it is the state of an optimizer at all. */
export function checkIsState(where: string, saved: SavedTensors): asserts saved is OptimizerState {
  const { kind, lr, steps, groups, tensors } = saved as Partial<OptimizerState>;
  check(
    typeof kind === 'string' &&
      typeof lr === 'number' &&
      Number.isInteger(steps) &&
      Array.isArray(groups) &&
      groups.every(isGroupState) &&
      tensors instanceof Map,
    where,
    'the state has kind, lr, steps, groups and tensors, as stateDict gives them',
    () => Object.keys(saved).join(', ') || 'none of them',
  );
}

function isGroupState(group: Partial<GroupState> | null): boolean {
  const { settings, shapes, updates } = group ?? {};
  const lists = Array.isArray(shapes) && shapes.every(Array.isArray) && Array.isArray(updates);
  return typeof settings === 'object' && settings !== null && lists && updates.length === shapes.length;
}

/** Checks that a saved state is of the same kind and about the same parameters in the same groups. */
export function checkFits(
  where: string,
  kind: string,
  groups: readonly GroupState[],
  saved: OptimizerState,
): void {
  check(saved.kind === kind, where, `the state is that of ${kind}`, () => `the state of ${saved.kind}`);
  const outline = (list: readonly GroupState[]) =>
    list.map(
      ({ name, shapes, settings }) =>
        `${name} [${shapes.map(show).join(' ')}] ${Object.keys(settings).sort()}`,
    );
  const [ours, theirs] = [outline(groups), outline(saved.groups)];
  const at = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, i) => i).find(
    (i) => ours[i] !== theirs[i],
  );
  check(
    at === undefined,
    where,
    'groups have the names, parameter shapes and options that were saved',
    () => `group ${at}: ${theirs[at!] ?? 'none'} in the state, ${ours[at!] ?? 'none'} here`,
    () => 'make model and optimizer as they were made when saving',
  );
}

/** Checks that a tensor is there, with the shape and dtype of `like`. */
export function checkAlike(where: string, what: string, x: Tensor | undefined, like: Tensor): asserts x {
  const outline = ({ shape, dtype }: Tensor) => `${dtype} of shape ${show(shape)}`;
  check(
    x !== undefined && sameShape(x.shape, like.shape) && x.dtype === like.dtype,
    where,
    `${what} is ${outline(like)}`,
    () => (x ? outline(x) : 'nothing'),
  );
}
