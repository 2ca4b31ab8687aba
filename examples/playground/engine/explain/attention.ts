import type { PicturedTensor } from '../picture.ts';
import {
  type Explainer,
  type Explanation,
  type Factor,
  gradientAt,
  range,
  type Scene,
  sumOf,
  valueAt,
} from './explanation.ts';

/** Where a number of (1, H, T, N) stands. */
function whereIn({ shape }: PicturedTensor, index: number) {
  const [, , T, N] = shape as [number, number, number, number];
  return { h: Math.floor(index / (T * N)), t: Math.floor(index / N) % T, n: index % N, T, N };
}

const weightsOf = ({ picture, call }: Scene) => picture.tensors[call.weights!]!;

/** y = P·v, with the weights that the picture holds beside the call. */
export const attention: Explainer = {
  forward(scene, index) {
    const [, , v] = scene.inputs;
    const P = weightsOf(scene);
    const { h, t, n, T, N } = whereIn(scene.output, index);
    const terms = range(t + 1).map((s) => [
      valueAt(`P[${t},${s}]`, P, (h * T + t) * T + s),
      valueAt(`v[${s}]`, v!, (h * T + s) * N + n),
    ]);
    return sumOf('y[t] = Σₛ P[t,s]·v[s]', terms);
  },
  backward(scene, input, index) {
    const { output, inputs } = scene;
    const P = weightsOf(scene);
    const { h, t: at, n, T, N } = whereIn(inputs[input]!, index);
    if (input === 2) {
      const terms = range(T - at).map((i) => [
        valueAt(`P[${at + i},${at}]`, P, (h * T + at + i) * T + at),
        gradientAt(`dy[${at + i}]`, output, (h * T + at + i) * N + n),
      ]);
      return sumOf('dv[s] = Σₜ P[t,s]·dy[t]', terms);
    }
    const [scale, of] = [scaleOf(N), inputs[1 - input]!];
    const other = (row: number) =>
      valueAt(input === 0 ? `k[${row}]` : `q[${row}]`, of, (h * T + row) * N + n);
    const rows = input === 0 ? range(at + 1) : range(T - at).map((i) => at + i);
    const terms = rows.map((row) => {
      const [t, s] = input === 0 ? [at, row] : [row, at];
      return [scale, { label: `dS[${t},${s}]`, value: scoreGradient(P, h, t, s, T) }, other(row)];
    });
    const others = [{ label: 'dS[t,s] = P·(dP − Σ P·dP)', value: terms[0]?.[1]?.value ?? 0 }];
    return sumOf(input === 0 ? 'dq[t] = Σₛ dS[t,s]·k[s]/√D' : 'dk[s] = Σₜ dS[t,s]·q[t]/√D', terms, others);
  },
};

const scaleOf = (D: number): Factor => ({ label: '1/√D', value: 1 / Math.sqrt(D) });

/** dS = P ⊙ (dP − rowsum(P ⊙ dP)): the gradient of a score, through the softmax of its row. */
function scoreGradient(P: PicturedTensor, h: number, t: number, s: number, T: number): number {
  const row = (h * T + t) * T;
  const at = (i: number) => [P.values[row + i]!, P.gradient?.[row + i] ?? 0] as const;
  const inner = range(t + 1).reduce((sum, i) => sum + at(i)[0] * at(i)[1], 0);
  return at(s)[0] * (at(s)[1] - inner);
}

/** A weight: the score of a query with a key, through the softmax of its row. */
export function explainWeight(scene: Scene, index: number): Explanation {
  const [q, k, , mask] = scene.inputs;
  const { h, t, n: s, T } = whereIn(weightsOf(scene), index);
  if (s > t) return sumOf('P[t,s] = 0: s is in the future of t', []);
  const D = q!.shape.at(-1)!;
  const score = (key: number) =>
    sumOf('', scoreTerms(q!, k!, (h * T + t) * D, (h * T + key) * D, D)).result +
    (mask ? mask.values[((h * T + t) * T + key) % mask.values.length]! : 0);
  const scores = range(t + 1).map(score);
  const total = scores.reduce((sum, value) => sum + Math.exp(value - scores[s]!), 0);
  const terms = scoreTerms(q!, k!, (h * T + t) * D, (h * T + s) * D, D);
  const cost = mask ? [[valueAt('mask', mask, ((h * T + t) * T + s) % mask.values.length)]] : [];
  return {
    formula: `P[t,s] = e^S[t,s] / Σ e^S[t,·],  S[t,s] = Σ q[t]·k[s]/√D${mask ? ' + mask' : ''}`,
    terms: [...terms, ...cost],
    others: [
      { label: 'S[t,s], the sum', value: scores[s]! },
      { label: 'Σ e^S[t,·] / e^S[t,s]', value: total },
    ],
    result: 1 / total,
  };
}

function scoreTerms(q: PicturedTensor, k: PicturedTensor, query: number, key: number, D: number): Factor[][] {
  return range(D).map((d) => [valueAt(`q[${d}]`, q, query + d), valueAt(`k[${d}]`, k, key + d), scaleOf(D)]);
}

/** The gradient of a weight: how much dy asks of the value behind it. */
export function explainWeightGradient(scene: Scene, index: number): Explanation {
  const [, , v] = scene.inputs;
  const { h, t, n: s, T } = whereIn(weightsOf(scene), index);
  if (s > t) return sumOf('dP[t,s] = 0: s is in the future of t', []);
  const D = v!.shape.at(-1)!;
  const terms = range(D).map((d) => [
    gradientAt(`dy[${d}]`, scene.output, (h * T + t) * D + d),
    valueAt(`v[${d}]`, v!, (h * T + s) * D + d),
  ]);
  return sumOf('dP[t,s] = Σ dy[t]·v[s]', terms);
}
