import type { PicturedTensor } from '../picture.ts';
import { type Explainer, type Factor, gradientAt, lastOf, range, sumOf, valueAt } from './explanation.ts';

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A norm with or without centring. */
function norm(centred: boolean, eps: number): Explainer {
  const statistics = (x: PicturedTensor, row: number) => {
    const C = lastOf(x);
    const values = range(C).map((c) => x.values[row * C + c]!);
    const μ = centred ? mean(values) : 0;
    const r = 1 / Math.sqrt(mean(values.map((value) => (value - μ) ** 2)) + eps);
    return { C, μ, r, hats: values.map((value) => (value - μ) * r) };
  };
  const others = (μ: number, r: number): Factor[] => [
    ...(centred ? [{ label: 'μ, mean of the row', value: μ }] : []),
    { label: `r, 1/√(${centred ? 'variance' : 'mean square'} + ε)`, value: r },
  ];
  const hat = centred ? '(x − μ)·r' : 'x·r';
  return {
    forward({ inputs: [x, gain, bias] }, index) {
      const C = lastOf(x!);
      const { μ, r, hats } = statistics(x!, Math.floor(index / C));
      const c = index % C;
      const terms = [[{ label: 'x̂', value: hats[c]! }, valueAt('gain', gain!, c)]];
      if (bias) terms.push([valueAt('bias', bias, c)]);
      const all = [valueAt('x', x!, index), ...others(μ, r)];
      return sumOf(`y = x̂·gain${bias ? ' + bias' : ''},  x̂ = ${hat}`, terms, all);
    },
    backward({ inputs: [x, gain], output }, input, index) {
      const C = lastOf(x!);
      const c = index % C;
      const rows = range(x!.values.length / C);
      const dy = (row: number, at = c) => gradientAt(`dy[${row}]`, output, row * C + at);
      if (input === 2)
        return sumOf(
          'dbias = Σₜ dy[t]',
          rows.map((row) => [dy(row)]),
        );
      if (input === 1) {
        const terms = rows.map((row) => [dy(row), { label: 'x̂', value: statistics(x!, row).hats[c]! }]);
        return sumOf('dgain = Σₜ dy[t]·x̂[t]', terms);
      }
      const row = Math.floor(index / C);
      const { μ, r, hats } = statistics(x!, row);
      const g = range(C).map((at) => dy(row, at).value * gain!.values[at]!);
      const scale = { label: 'r', value: r };
      const along = { label: 'mean(g·x̂)', value: mean(g.map((value, at) => value * hats[at]!)) };
      const terms = [
        [scale, dy(row), valueAt('gain', gain!, c)],
        ...(centred ? [[scale, { label: '−mean(g)', value: -mean(g) }]] : []),
        [scale, { label: '−x̂', value: -hats[c]! }, along],
      ];
      const formula = `dx = r·(g ${centred ? '− mean(g) ' : ''}− x̂·mean(g·x̂)),  g = dy·gain`;
      return sumOf(formula, terms, others(μ, r));
    },
  };
}

export const layerNorm = norm(true, 1e-5);
export const rmsNorm = norm(false, 1e-6);
