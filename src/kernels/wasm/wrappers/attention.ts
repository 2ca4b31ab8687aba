/**
 * Fused attention for float32 heads whose last axis lies packed, as models have them; the reference does the
 * rest.
 */
import type { NdArray, TypedArray } from '../../../tensor/index.ts';
import type { AttentionOptions, CpuKernels } from '../../contract.ts';
import { type CompiledKernel, compiled, computed, currentThreads, isFloat32 } from '../call.ts';
import { reference } from '../forFloat32.ts';
import { withScratch } from '../memory.ts';

const wasm = compiled({ attention: 13, attentionGrad: 17 });

const { attentionScratch, attentionGradScratch } = computed({ attentionScratch: 2, attentionGradScratch: 2 });

export const attention: CpuKernels['attention'] = (y, max, sum, q, k, v, options) => {
  const views = [y, q, k, v];
  if (!fits(views, options)) return reference.attention(y, max, sum, q, k, v, options);
  const inputs = [q.data, k.data, v.data];
  run(wasm.attention, attentionScratch, views, [y.data, max, sum], inputs, options);
};

export const attentionGrad: CpuKernels['attentionGrad'] = (...args) => {
  const [dq, dk, dv, dy, y, max, sum, q, k, v, options] = args;
  const views = [y, q, k, v, dy, dq, dk, dv];
  if (!fits(views, options)) return reference.attentionGrad(...args);
  const inputs = [dy.data, y.data, max, sum, q.data, k.data, v.data];
  run(wasm.attentionGrad, attentionGradScratch, views, [dq.data, dk.data, dv.data], inputs, options);
};

function fits(views: readonly NdArray[], { dropout, mask }: AttentionOptions<NdArray>): boolean {
  const packed = views.every(
    ({ data, shape, stride }) => isFloat32(data) && (stride[3] === 1 || shape[3]! <= 1),
  );
  if (mask !== null && !isFloat32(mask.data)) return false;
  return packed && (dropout === null || dropThreshold(dropout.p) < 2 ** 32);
}

/** `uniform` ≥ p as a comparison of integers: hash ≥ p·2³², rounded up. */
function dropThreshold(p: number): number {
  return Math.ceil(p * 2 ** 32);
}

/** A head is one thread's alone; each has its own scratch memory. The plan: assembly/attentionPlan.ts. */
function run(
  kernel: CompiledKernel,
  scratchOf: (S: number, D: number) => number,
  views: readonly NdArray[],
  outputs: readonly TypedArray[],
  inputs: readonly TypedArray[],
  { scale, causal, mask, dropout }: AttentionOptions<NdArray>,
): void {
  const [, { shape }, k] = views as [NdArray, NdArray, NdArray];
  const [B, H, T, D] = shape as [number, number, number, number];
  const S = k.shape[2]!;
  if (B * H === 0) return;
  const threads = currentThreads().count;
  const scratch = scratchOf(S, D);
  const [seed, threshold] = dropout ? [dropout.seed, dropThreshold(dropout.p)] : [0, 0];
  const numbers = [H, T, S, D, Number(causal), B * H, threads, scratch, seed, threshold];
  const length = numbers.length + 5 * (1 + views.length);
  const lines = Math.ceil(length / 16) * 16; // so that scratch memory begins with a cache line
  withScratch(lines + threads * scratch, (block) => {
    const plan = new Int32Array(block.buffer, block.byteOffset, lines).fill(0);
    plan.set(numbers);
    let at = numbers.length;
    for (const view of [mask, ...views]) {
      if (view !== null) writeView(plan, at, view);
      at += 5;
    }
    const work = views.length * B * H * T * S * (D + 8);
    const scalars = [scale, dropout ? 1 / (1 - dropout.p) : 1];
    const allInputs = [plan, ...inputs, mask?.data ?? null];
    kernel({ total: B * H, work }, [...outputs, block.subarray(lines)], allInputs, scalars);
  });
}

function writeView(plan: Int32Array, at: number, { offset, stride }: NdArray): void {
  plan[at] = offset;
  for (let axis = 0; axis < 4; axis++) plan[at + 1 + axis] = stride[axis]!;
}
