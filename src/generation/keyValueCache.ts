import type { AttentionCache } from '../nn/index.ts';
import { copy_, slice } from '../ops/index.ts';
import { check, persistentZeros, type Tensor } from '../tensor/index.ts';

/** Keys and values of the positions seen so far, for generation; filled in place. */
export class KeyValueCache implements AttentionCache {
  readonly keys: Tensor;
  readonly values: Tensor;
  length = 0;

  /** @param shape (B, H, capacity in positions, D) */
  constructor(shape: readonly [B: number, H: number, capacity: number, D: number]) {
    this.keys = persistentZeros(shape);
    this.values = persistentZeros(shape);
  }

  /** Appends (B, H, T, D) and returns views of everything so far. */
  append(keys: Tensor, values: Tensor): [keys: Tensor, values: Tensor] {
    const [from, to] = [this.length, this.length + keys.shape[2]!];
    check(
      to <= this.keys.shape[2]!,
      'KeyValueCache',
      `positions fit the capacity, ${this.keys.shape[2]}`,
      () => `${to}`,
    );
    copy_(slice(this.keys, { axis: 2, start: from, end: to }), keys);
    copy_(slice(this.values, { axis: 2, start: from, end: to }), values);
    this.length = to;
    return [slice(this.keys, { axis: 2, end: to }), slice(this.values, { axis: 2, end: to })];
  }

  /**
   * Hands the memory back: the cache is unusable then. Optional: the garbage collector does it eventually.
   */
  release(): void {
    this.keys.storage.release();
    this.values.storage.release();
  }
}
