import { type Explainer, gradientAt, lastOf, range, sumOf, valueAt } from './explanation.ts';

/** y = x·Wᵀ: row t of x with row j of W; backward, dy with the columns of W, and dy with x over all rows. */
export const linear: Explainer = {
  forward({ inputs: [x, w, b], output }, index) {
    const [t, j] = split(index, lastOf(output));
    const n = lastOf(x!);
    const terms = range(n).map((k) => [
      valueAt(`x[${k}]`, x!, t * n + k),
      valueAt(`w[${j},${k}]`, w!, j * n + k),
    ]);
    if (b) terms.push([valueAt(`b[${j}]`, b, j)]);
    return sumOf(`y[t,j] = Σₖ x[t,k]·w[j,k]${b ? ' + b[j]' : ''}`, terms);
  },
  backward({ inputs: [x, w], output }, input, index) {
    const [n, m] = [lastOf(x!), lastOf(output)];
    const [a, b] = split(index, n);
    const rows = range(output.values.length / m);
    const dy = (t: number, j: number) => gradientAt(`dy[${t},${j}]`, output, t * m + j);
    if (input === 0) {
      const terms = range(m).map((j) => [dy(a, j), valueAt(`w[${j},${b}]`, w!, j * n + b)]);
      return sumOf('dx[t,k] = Σⱼ dy[t,j]·w[j,k]', terms);
    }
    if (input === 1) {
      const terms = rows.map((t) => [dy(t, a), valueAt(`x[${t},${b}]`, x!, t * n + b)]);
      return sumOf('dw[j,k] = Σₜ dy[t,j]·x[t,k]', terms);
    }
    return sumOf(
      'db[j] = Σₜ dy[t,j]',
      rows.map((t) => [dy(t, index)]),
    );
  },
};

const split = (index: number, length: number) => [Math.floor(index / length), index % length] as const;
