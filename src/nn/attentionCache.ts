import type { Tensor } from '../tensor/index.ts';

/** What attention asks of a memory of keys and values: see `KeyValueCache`, in the room of generation. */
export interface AttentionCache {
  /** Positions seen so far. */
  readonly length: number;
  /** Appends (B, H, T, D) and gives everything so far. */
  append(keys: Tensor, values: Tensor): [keys: Tensor, values: Tensor];
}
