/**
 * How the attention kernels find their way: a block of int32 numbers that ../wrappers/attention.ts fills, in
 * the order of these fields; the views follow.
 */

/** A view of shape (B, H, rows, columns): its offset and its strides, in elements. */
@unmanaged
class View {
  offset: i32;
  B: i32;
  H: i32;
  row: i32;
  column: i32;
}

/** Whose view it is, in the order of the views. The last axis of all but the mask lies packed. */
export const enum Of {
  mask, y, q, k, v, dy, dq, dk, dv,
} // biome-ignore format: one line reads better

@unmanaged
export class Plan {
  H: i32;
  T: i32;
  S: i32;
  D: i32;
  causal: i32;
  /** B·H */
  heads: i32;
  threads: i32;
  /** Floats of scratch memory for each thread. */
  scratch: i32;
  /** Of dropout. */
  seed: i32;
  /** ⌈p·2³²⌉; 0 without dropout. */
  threshold: i32;

  /** The keys that query t sees: the first so many. */
  @inline
  visibleKeys(t: i32): i32 {
    return this.causal ? max(0, t + 1 + this.S - this.T) : this.S;
  }

  /** The first query that sees key s. */
  @inline
  firstQuery(s: i32): i32 {
    return this.causal ? max(0, s + this.T - this.S) : 0;
  }

  /**
   * The scratch memory of the thread whose share of the heads begins at `from`: the shares are even, which
   * tells its number.
   */
  @inline
  scratchOf(scratch: usize, from: i32): usize {
    const thread = (from * this.threads + this.heads - 1) / this.heads;
    return scratch + (<usize>thread * this.scratch << 2);
  }

  @inline
  viewOf(whose: Of): View {
    return changetype<View>(changetype<usize>(this) + offsetof<Plan>() + <usize>whose * offsetof<View>());
  }

  /** Address of the first number of a head, pair = b·H + h. */
  headAt(data: usize, whose: Of, pair: i32): usize {
    const strides = this.viewOf(whose);
    const b = pair / this.H;
    const h = pair - b * this.H;
    return data + (<usize>(strides.offset + b * strides.B + h * strides.H) << 2);
  }

  /** Bytes from one query or key to the next. */
  @inline
  rowStep(whose: Of): usize {
    return <usize>this.viewOf(whose).row << 2;
  }

  /** Bytes from one key to the next in the mask. */
  @inline
  maskStep(): usize {
    return <usize>this.viewOf(Of.mask).column << 2;
  }
}
