import { type Explainer, gradientAt, range, sumOf, valueAt } from './explanation.ts';

/** y = a + b, where the shorter one is repeated over leading axes. */
export const add: Explainer = {
  forward({ inputs: [a, b] }, index) {
    const at = (label: string, x: typeof a) => valueAt(label, x!, index % x!.values.length);
    return sumOf('y = a + b', [[at('a', a)], [at('b', b)]]);
  },
  backward({ inputs, output }, input, index) {
    const { length } = inputs[input]!.values;
    const terms = range(output.values.length / length).map((i) => [
      gradientAt('dy', output, i * length + index),
    ]);
    return sumOf(terms.length > 1 ? 'da = Σ dy over what it was repeated for' : 'da = dy', terms);
  },
};

/** y = a·b, or a times a number. */
export const mul: Explainer = {
  forward({ inputs: [a, b], output }, index) {
    const first = valueAt('a', a!, index);
    if (b) return sumOf('y = a·b', [[first, valueAt('b', b, index)]]);
    return sumOf('y = a·c, c a constant', [
      [first, { label: 'c', value: constant(a!.values, output.values) }],
    ]);
  },
  backward({ inputs, output }, input, index) {
    const other = inputs[1 - input];
    const dy = gradientAt('dy', output, index);
    if (other) return sumOf('da = dy·b', [[dy, valueAt('b', other, index)]]);
    const c = constant(inputs[0]!.values, output.values);
    return sumOf('da = dy·c', [[dy, { label: 'c', value: c }]]);
  },
};

/** What all of a tensor was multiplied by, read off its largest number. */
function constant(from: Float32Array, to: Float32Array): number {
  const largest = from.reduce((best, value, i) => (Math.abs(value) > Math.abs(from[best]!) ? i : best), 0);
  return from.length > 0 && from[largest] !== 0 ? to[largest]! / from[largest]! : 0;
}

/** The sum of everything. */
export const sum: Explainer = {
  forward: ({ inputs: [x] }) =>
    sumOf(
      'y = Σ x',
      [...x!.values.keys()].map((i) => [valueAt(`x[${i}]`, x!, i)]),
    ),
  backward: ({ output }) => sumOf('dx = dy', [[gradientAt('dy', output, 0)]]),
};
