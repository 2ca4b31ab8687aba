import { lackOfWebgpu } from '../../src/kernels/webgpu/index.ts';

/** Why there is no GPU here, not even one that the processor plays; null if there is one. */
export const lackOfAdapter = lackOfWebgpu();
if (lackOfAdapter !== null) {
  if (process.env.SCRATCHFORMER_NEEDS_WEBGPU) throw new Error(lackOfAdapter);
  console.warn(`tests on a GPU are left out: ${lackOfAdapter}`);
}
