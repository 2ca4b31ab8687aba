import type { Tensor } from '../tensor/index.ts';

/** The state of an optimizer, or of several combined: what stands beside the tensors is plain JSON. */
export type AnyState = { readonly tensors: ReadonlyMap<string, Tensor> };

/** What of such a state is about one parameter. */
export interface Slot {
  /** What the names of its tensors begin with: `3.`, of the first of several optimizers `0.3.`. */
  readonly key: string;
  /** The list that has the number of its updates, and where. */
  readonly updates: number[];
  readonly at: number;
}

interface Parts {
  readonly groups?: readonly { readonly updates?: number[] }[];
  readonly optimizers?: readonly Parts[];
}

/** The slots of a state, parameter by parameter in the order of the groups; none, if it is of another kind. */
export function slotsOf(state: object, prefix = ''): Slot[] {
  const { groups, optimizers } = state as Parts;
  if (Array.isArray(optimizers)) return optimizers.flatMap((part, i) => slotsOf(part, `${prefix}${i}.`));
  if (!Array.isArray(groups)) return [];
  const places = (groups as Parts['groups'])!.flatMap(({ updates = [] }) =>
    updates.map((_, at) => ({ updates, at })),
  );
  return places.map((place, i) => ({ ...place, key: `${prefix}${i}.` }));
}
