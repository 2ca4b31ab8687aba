/**
 * Fused attention for float32 heads whose last axis lies packed, as models have them; the reference does the
 * rest.
 */
import type { NdArray, TypedArray } from '../../../tensor/index.ts';
import type { AttentionOptions, CpuKernels } from '../../contract.ts';
import { type CompiledKernel, compiled, currentPool, isFloat32 } from '../call.ts';
import { reference } from '../forFloat32.ts';
import { withScratch } from '../memory.ts';

const wasm = compiled({ attention: 13, attentionGrad: 17 });

export const attention: CpuKernels['attention'] = (y, max, sum, q, k, v, options) => {
  if (!fits([y, q, k, v], options)) return reference.attention(y, max, sum, q, k, v, options);
  const { padded, width } = paddedSizes(k);
  // panels of k and v, four rows of scores, four of y, four factors
  const scratch = 2 * padded * width + 4 * (padded + width + 1);
  run(wasm.attention, scratch, [y, q, k, v], [y.data, max, sum], [q.data, k.data, v.data], options);
};

export const attentionGrad: CpuKernels['attentionGrad'] = (...args) => {
  const [dq, dk, dv, dy, y, max, sum, q, k, v, options] = args;
  const views = [y, q, k, v, dy, dq, dk, dv];
  if (!fits(views, options)) return reference.attentionGrad(...args);
  const { padded, width } = paddedSizes(k);
  // panels of k twice and of v, dk, dv; 32 rows of weights, their gradient, q and dy; four rows of dq
  const scratch = 5 * padded * width + 2 * 32 * (padded + width) + 4 * width;
  const inputs = [dy.data, y.data, max, sum, q.data, k.data, v.data];
  run(wasm.attentionGrad, scratch, views, [dq.data, dk.data, dv.data], inputs, options);
};

function fits(views: readonly NdArray[], { dropout }: AttentionOptions<NdArray>): boolean {
  const packed = views.every(
    ({ data, shape, stride }) => isFloat32(data) && (stride[3] === 1 || shape[3]! <= 1),
  );
  return packed && (dropout === null || dropThreshold(dropout.p) < 2 ** 32);
}

/** The sizes S and D, rounded up to whole panels of eight. */
function paddedSizes({ shape }: NdArray): { padded: number; width: number } {
  return { padded: Math.ceil(shape[2]! / 8) * 8, width: Math.ceil(shape[3]! / 8) * 8 };
}

/** `uniform` of js/dropout.ts ≥ p as a comparison of integers: hash ≥ p·2³², rounded up. */
function dropThreshold(p: number): number {
  return Math.ceil(p * 2 ** 32);
}

/** Numbers in a plan. */
const PLAN = 48;

/**
 * A head is one thread's alone; each thread has its own `floats` of scratch memory. The plan:
 * assembly/attentionPlan.ts.
 */
function run(
  kernel: CompiledKernel,
  floats: number,
  views: readonly NdArray[],
  outputs: readonly TypedArray[],
  inputs: readonly TypedArray[],
  { scale, causal, mask, dropout }: AttentionOptions<NdArray>,
): void {
  const [, { shape }, k] = views as [NdArray, NdArray, NdArray];
  const [B, H, T, D] = shape as [number, number, number, number];
  const S = k.shape[2]!;
  if (B * H === 0) return;
  const threads = currentPool().threads;
  withScratch(PLAN + threads * floats, (block) => {
    const plan = new Int32Array(block.buffer, block.byteOffset, PLAN).fill(0);
    plan.set([H, T, S, D, causal ? 1 : 0, B * H, threads, floats]);
    if (dropout) plan.set([dropout.seed, dropThreshold(dropout.p)], 8);
    let at = 10;
    for (const { offset, stride } of views) {
      plan[at++] = offset;
      for (let axis = 0; axis < 3; axis++) plan[at++] = stride[axis]!;
    }
    if (mask) plan.set([mask.offset, ...mask.stride], 42);
    const work = views.length * B * H * T * S * (D + 8);
    const scalars = [scale, dropout ? 1 / (1 - dropout.p) : 1];
    const allInputs = [plan, ...inputs, mask?.data ?? null];
    kernel({ total: B * H, work }, [...outputs, block.subarray(PLAN)], allInputs, scalars);
  });
}
