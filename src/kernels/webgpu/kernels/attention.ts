import type { View } from '../../../tensor/index.ts';
import type { AttentionOptions } from '../../contract.ts';
import { keyGradOf, queryGradOf, statisticsOf } from '../attentionGradText.ts';
import { forwardOf, THREADS } from '../attentionText.ts';
import { flat, type Kernel, run } from '../kernel.ts';
import { withTemporary } from '../numbers.ts';
import { forFloat32, onProcessor } from '../overlay.ts';
import { thresholdOf } from '../wgsl.ts';

/** Head sizes, in vectors of four channels: the next that suffices is taken. */
const HEADS = [2, 4, 8, 16, 24, 32];
const MOST_GROUPS = 65535;

const kernels = HEADS.map((vectors) => ({
  vectors,
  forward: forwardOf(vectors),
  queryGrad: queryGradOf(vectors),
  keyGrad: keyGradOf(vectors),
}));

interface Plan {
  readonly forward: Kernel;
  readonly queryGrad: Kernel;
  readonly keyGrad: Kernel;
  /** Batch entries times heads. */
  readonly heads: number;
  readonly sizes: readonly number[];
}

/** The kernels and sizes for a call; null for heads that are too large, or too many. */
function planOf(q: View, k: View, { scale, causal, mask, dropout }: AttentionOptions): Plan | null {
  const [B, H, T, D] = q.shape as [number, number, number, number];
  const S = k.shape[2]!;
  const found = kernels.find(({ vectors }) => 4 * vectors >= D);
  if (found === undefined || B * H > MOST_GROUPS) return null;
  const { p, seed } = dropout ?? { p: 0, seed: 0 };
  const drop = [seed, thresholdOf(p), 1 / (1 - p)];
  return {
    ...found,
    heads: B * H,
    sizes: [H, T, S, D, scale, Number(causal), Number(mask !== null), ...drop],
  };
}

const stridesOf = (...views: readonly (View | null)[]) =>
  views.flatMap((view) => view?.stride ?? [0, 0, 0, 0]);
const groupsOf = (rows: number, { heads }: Plan) => [Math.ceil(rows / THREADS), heads] as const;

export const attention = forFloat32('attention', (y, max, sum, q, k, v, options) => {
  const plan = planOf(q, k, options);
  if (plan === null) return onProcessor('attention')(y, max, sum, q, k, v, options);
  const { mask } = options;
  const sizes = [...plan.sizes, ...stridesOf(y, q, k, v, mask)];
  run(plan.forward, [y, max, sum], [q, k, v, mask], sizes, groupsOf(q.shape[2]!, plan));
});

export const attentionGrad = forFloat32('attentionGrad', (dq, dk, dv, dy, y, max, sum, q, k, v, options) => {
  const plan = planOf(q, k, options);
  if (plan === null) return onProcessor('attentionGrad')(dq, dk, dv, dy, y, max, sum, q, k, v, options);
  const { mask } = options;
  const [, H, T, D] = q.shape as [number, number, number, number];
  const total = plan.heads * T;
  withTemporary(3 * total, (rows) => {
    const sizes = [H, T, D, total, ...stridesOf(dy, y)];
    run(statisticsOf, [rows], [dy, y, max, sum], sizes, flat(total, THREADS));
    const inputs = [dy, rows, q, k, v, mask];
    const ofQueries = [...plan.sizes, ...stridesOf(dq, dy, q, k, v, mask)];
    run(plan.queryGrad, [dq], inputs, ofQueries, groupsOf(T, plan));
    const ofKeys = [...plan.sizes, ...stridesOf(dk, dv, dy, q, k, v, mask)];
    run(plan.keyGrad, [dk, dv], inputs, ofKeys, groupsOf(k.shape[2]!, plan));
  });
});
