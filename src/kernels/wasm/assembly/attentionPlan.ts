/**
 * How the attention kernels find their way. The plan is a block of int32 numbers that ../attention.ts fills:
 * H, T, S, D, causal, B·H, threads, floats of scratch memory for each, dropout's seed and threshold; then for
 * each view its offset and its strides along B, H and T, in elements (the mask has one along S, too; the last
 * axis of the others lies packed).
 */

const VIEWS: i32 = 10;

@inline
export function heads(plan: usize): i32 {
  return load<i32>(plan);
}
/** T */
@inline
export function queries(plan: usize): i32 {
  return load<i32>(plan, 4);
}
/** S */
@inline
export function keys(plan: usize): i32 {
  return load<i32>(plan, 8);
}
/** D */
@inline
export function headSize(plan: usize): i32 {
  return load<i32>(plan, 12);
}
/** The keys that query t sees: the first so many. */
@inline
export function visibleKeys(plan: usize, t: i32): i32 {
  const S = keys(plan);
  return load<i32>(plan, 16) ? max(0, t + 1 + S - queries(plan)) : S;
}
/** The first query that sees key s. */
@inline
export function firstQuery(plan: usize, s: i32): i32 {
  return load<i32>(plan, 16) ? max(0, s + queries(plan) - keys(plan)) : 0;
}
/**
 * The scratch memory of the thread whose share of the heads begins at `from`: the shares are even, which
 * tells its number.
 */
@inline
export function scratchOf(scratch: usize, plan: usize, from: i32): usize {
  const total = load<i32>(plan, 20);
  const thread = (from * load<i32>(plan, 24) + total - 1) / total;
  return scratch + (<usize>thread * load<i32>(plan, 28) << 2);
}
/** Of dropout. */
@inline
export function seedOf(plan: usize): i32 {
  return load<i32>(plan, 32);
}
/** ⌈p·2³²⌉; 0 without dropout. */
@inline
export function thresholdOf(plan: usize): i32 {
  return load<i32>(plan, 36);
}

/** The views, in the order of the plan. */
export const Y: i32 = 0;
export const Q: i32 = 1;
export const K: i32 = 2;
export const V: i32 = 3;
export const DY: i32 = 4;
export const DQ: i32 = 5;
export const DK: i32 = 6;
export const DV: i32 = 7;
export const MASK: i32 = 8;

/** Address of the first number of a head, pair = b·H + h. */
export function headAt(data: usize, plan: usize, view: i32, pair: i32): usize {
  const at = plan + (<usize>(VIEWS + 4 * view) << 2);
  const b = pair / heads(plan);
  const h = pair - b * heads(plan);
  return data + (<usize>(load<i32>(at) + b * load<i32>(at, 4) + h * load<i32>(at, 8)) << 2);
}

/** Bytes from one query or key to the next. */
@inline
export function rowStep(plan: usize, view: i32): usize {
  return <usize>load<i32>(plan + (<usize>(VIEWS + 4 * view) << 2), 12) << 2;
}

/** Bytes from one key to the next in the mask. */
@inline
export function maskStep(plan: usize): usize {
  return <usize>load<i32>(plan + (<usize>(VIEWS + 4 * MASK) << 2), 16) << 2;
}
