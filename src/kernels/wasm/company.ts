/**
 * Whether sharing a call pays. Where other processes keep the cores busy, the system puts threads aside in the
 * middle of a share, and the others wait for them by milliseconds. When waiting has taken more than sharing can
 * gain, this thread works alone for a while, and then tries again. Who computes what never changes a bit.
 */

/** Milliseconds over which waiting is judged. */
const WINDOW = 30;
/** Milliseconds alone after the first bad window; twice as long after each further one, up to the last. */
const [FIRST, LAST] = [100, 1600];

export class Company {
  /** The share of its time that a thread may wait: half of what the others take off it. */
  readonly #bearable: number;
  #windowStart = 0;
  #waited = 0;
  #alone = FIRST;
  #aloneUntil = 0;

  constructor(threads: number) {
    this.#bearable = (1 - 1 / threads) / 2;
  }

  /** Whether the next call is shared. */
  get pays(): boolean {
    if (this.#aloneUntil === 0) return true;
    const now = performance.now();
    if (now < this.#aloneUntil) return false;
    this.#aloneUntil = 0;
    this.#begin(now);
    return true;
  }

  /** Takes note of a wait so long that the thread slept. */
  waited(from: number, to: number): void {
    this.#waited += to - from;
    const elapsed = to - this.#windowStart;
    if (elapsed < WINDOW) return;
    if (this.#waited > this.#bearable * elapsed) {
      this.#aloneUntil = to + this.#alone;
      this.#alone = Math.min(2 * this.#alone, LAST);
    } else this.#alone = FIRST;
    this.#begin(to);
  }

  #begin(now: number): void {
    this.#windowStart = now;
    this.#waited = 0;
  }
}
