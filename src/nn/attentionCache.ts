import type { Tensor } from '../tensor/index.ts';

/** The memory of keys and values that attention can append to: see `KeyValueCache` in src/generation. */
export interface AttentionCache {
  /** Positions seen so far. */
  readonly length: number;
  /** Appends (B, H, T, D) and gives everything so far. */
  append(keys: Tensor, values: Tensor): [keys: Tensor, values: Tensor];
}
