import { type Explainer, gradientAt, lastOf, range, type Scene, sumOf, valueAt } from './explanation.ts';

const IGNORED = -100;

function rowOf({ inputs: [logits] }: Scene, t: number) {
  const V = lastOf(logits!);
  const values = range(V).map((v) => logits!.values[t * V + v]!);
  const top = Math.max(...values);
  return { V, logSum: top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0)) };
}

/** −ln p of the wanted token; backward, the softmax less 1 for that token. */
export const crossEntropy: Explainer = {
  forward(scene, t) {
    const [logits, targets] = scene.inputs;
    const target = targets!.values[t]!;
    if (target === IGNORED) return sumOf('loss = 0: nothing is predicted here', []);
    const { V, logSum } = rowOf(scene, t);
    const wanted = valueAt(`x[${target}]`, logits!, t * V + target);
    const terms = [[{ label: 'ln Σ eˣ', value: logSum }], [{ label: '−1', value: -1 }, wanted]];
    return sumOf('loss = −ln p = ln Σ eˣ − x[wanted]', terms);
  },
  backward(scene, _, index) {
    const [logits, targets] = scene.inputs;
    const V = lastOf(logits!);
    const [t, v] = [Math.floor(index / V), index % V];
    if (targets!.values[t] === IGNORED) return sumOf('dx = 0: nothing is predicted here', []);
    const p = { label: `p[${v}]`, value: Math.exp(logits!.values[index]! - rowOf(scene, t).logSum) };
    const dy = gradientAt('dloss', scene.output, t);
    const isWanted = targets!.values[t] === v;
    return sumOf('dx = (p − 1 if wanted)·dloss', [
      [p, dy],
      ...(isWanted ? [[{ label: '−1', value: -1 }, dy]] : []),
    ]);
  },
};
