/** Numbers as they are sent. */
export type Numbers = Uint8Array | Int32Array | Float32Array | Float64Array;

/** What the ranks of a job do together: each call returns when this rank has its result; all must make it. */
export interface Communicator {
  /** Number of this process, from 0. */
  readonly rank: number;
  /** Number of processes. */
  readonly size: number;
  /** The library that carries it, and its version; in words. */
  readonly library: string;

  /** Waits until every rank has come here. */
  barrier(): void;
  /** all ← those of rank `from` */
  broadcast(all: Numbers, from: number): void;
  /** all ← every rank's `mine`, in the order of the ranks; `counts` numbers each, or as many from all. */
  allGather(all: Numbers, mine: Numbers, counts?: readonly number[]): void;
  /** Sends `sendCounts[r]` numbers to each rank r, and receives `receiveCounts[r]`, in the order of the ranks. */
  exchange(
    received: Numbers,
    receiveCounts: readonly number[],
    sent: Numbers,
    sendCounts: readonly number[],
  ): void;
  /** all ← Σ mine over the ranks, in an order that the library chooses. */
  sum(all: Numbers, mine: Numbers): void;
  /** Ends the part of this process in the job. */
  leave(): void;
}

/** A world of one: everything is there already. */
export const alone: Communicator = {
  rank: 0,
  size: 1,
  library: 'no library',
  barrier() {},
  broadcast() {},
  allGather: (all, mine) => all.set(mine),
  exchange: (received, _receiveCounts, sent) => received.set(sent),
  sum: (all, mine) => all.set(mine),
  leave() {},
};
