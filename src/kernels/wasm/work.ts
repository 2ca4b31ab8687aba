/** The work of one call. */
export interface Work {
  /** Number of things that are split among the threads: rows, elements, heads, … */
  readonly total: number;
  /** Divisor of the places where shares begin. Default 1. */
  readonly grain?: number;
  /** Number of elementary operations of the whole call, about. */
  readonly work: number;
  /**
   * Whether bits of the result depend on the shares (as in a BLAS), which are then the same on one thread
   * too.
   */
  readonly sharesMatter?: boolean;
}
