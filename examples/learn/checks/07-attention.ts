import { attention, type Tensor, tensor } from 'scratchformer';
import type { Check } from '../support/check.ts';
import { expectClose, expectGradients, normal } from '../support/compare.ts';

interface Answer {
  attention(q: Tensor, k: Tensor, v: Tensor): Tensor;
}

/** Query by query, as it is explained: the weights of the keys up to t, then the mixture of their values. */
function byHand(q: number[][], k: number[][], v: number[][]): number[][] {
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  return q.map((query, t) => {
    const scores = k.slice(0, t + 1).map((key) => Math.exp(dot(query, key) / Math.sqrt(query.length)));
    const total = scores.reduce((sum, score) => sum + score, 0);
    return v[0]!.map((_, d) => scores.reduce((sum, score, s) => sum + (score / total) * v[s]![d]!, 0));
  });
}

const sample = () => [normal(2, 3, 5, 4), normal(2, 3, 5, 4), normal(2, 3, 5, 4)] as const;

export default {
  shipped: { attention: (q, k, v) => attention(q, k, v, { causal: true }) },
  steps: {
    'values that are all the same come out as they are'({ attention }) {
      const [q, k, v] = sample();
      const same = v.mul(0).add(3);
      expectClose('attention', attention(q, k, same), same, 'the weights of a query are ≥ 0 and sum to 1');
    },
    'no query sees its future'({ attention }) {
      const [q, k, v] = sample();
      const before = attention(q, k, v).slice({ axis: 2, end: 4 });
      const last = tensor([0, 0, 0, 0, 9], { dtype: 'float64' }).reshape([5, 1]);
      const after = attention(q, k.add(last), v.add(last)).slice({ axis: 2, end: 4 });
      const hint =
        'a change of the last key and value reaches the queries before it: add the mask to the scores';
      expectClose('attention of the first 4 of 5', after, before, hint);
    },
    'it is the mixture done by hand'({ attention }) {
      const [q, k, v] = sample();
      const [qs, ks, vs] = [q, k, v].map((x) => x.toArray() as number[][][][]);
      const rows = qs!.map((heads, b) => heads.map((head, h) => byHand(head, ks![b]![h]!, vs![b]![h]!)));
      const hint = 'the scores are q·kᵀ/√D, and the softmax goes along the keys';
      expectClose('attention', attention(q, k, v), tensor(rows, { dtype: 'float64' }), hint);
    },
    'gradients reach q, k and v'({ attention }) {
      const hint = 'make it of ops alone: no value may leave them, by item() or toArray()';
      const small = () => normal(1, 2, 3, 2);
      expectGradients(attention, [small(), small(), small()], { q: hint, k: hint, v: hint });
    },
  },
} satisfies Check<Answer>;
