import { describe, expect, test } from 'vitest';
import { backward, gradcheck } from '../../src/autograd/index.ts';
import {
  add,
  concat,
  type LSTMSettings,
  linear,
  lstm,
  mul,
  select,
  sigmoid,
  slice,
  split,
  stack,
  sum,
  tanh,
  zoneout,
} from '../../src/ops/index.ts';
import { manualSeed, randn, type Tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

const [B, T, C, H] = [2, 4, 3, 5];
const normal = (...shape: number[]) => randn(shape, { dtype: 'float64' });
/** x, weightIH, weightHH, bias, h0, c0 */
const inputs = () => [
  normal(B, T, C),
  normal(4 * H, C),
  normal(4 * H, H),
  normal(4 * H),
  normal(B, H),
  normal(B, H),
];

type Zoneout = Pick<LSTMSettings, 'zoneoutHidden' | 'zoneoutCell' | 'training'>;
const settings: [string, Zoneout][] = [
  ['without zoneout', {}],
  ['zoneout of h', { zoneoutHidden: 0.4 }],
  ['zoneout of c', { zoneoutCell: 0.5 }],
  ['both', { zoneoutHidden: 0.3, zoneoutCell: 0.6 }],
  ['both, in evaluation', { zoneoutHidden: 0.3, zoneoutCell: 0.6, training: false }],
];

/** Everything that comes out, side by side: hidden states and the last h and c. */
function allOf({ hidden, h, c }: { hidden: Tensor; h: Tensor; c: Tensor }): Tensor {
  return concat([hidden, stack([h, c], 1)], 1);
}

/** The same under one seed, whenever it is called. */
function seeded(options: LSTMSettings) {
  return (x: Tensor, weightIH: Tensor, weightHH: Tensor, bias: Tensor, h0: Tensor, c0: Tensor) => {
    manualSeed(3);
    return allOf(lstm(x, weightIH, weightHH, bias, { ...options, h0, c0 }));
  };
}

/** The formulas, step by step, by the ops that one would compose them of. */
function composed(options: Zoneout) {
  const { zoneoutHidden = 0, zoneoutCell = 0, training = true } = options;
  const kept = (x: Tensor, before: Tensor, p: number) => (p > 0 ? zoneout(x, before, p, { training }) : x);
  return (x: Tensor, weightIH: Tensor, weightHH: Tensor, bias: Tensor, h0: Tensor, c0: Tensor) => {
    manualSeed(3);
    let [h, c] = [h0, c0];
    const hidden: Tensor[] = [];
    for (let t = 0; t < x.shape[1]!; t++) {
      const sums = add(linear(select(x, 1, t), weightIH, bias), linear(h, weightHH));
      const [i, f, g, o] = split(sums, H, -1) as [Tensor, Tensor, Tensor, Tensor];
      const newC = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
      const newH = mul(sigmoid(o), tanh(newC));
      c = kept(newC, c, zoneoutCell);
      h = kept(newH, h, zoneoutHidden);
      hidden.push(h);
    }
    return allOf({ hidden: stack(hidden, 1), h, c });
  };
}

describe.each(settings)('lstm, %s', (_, options) => {
  test('gradcheck of x, every parameter, h0 and c0, from all that comes out', () => {
    gradcheck(seeded(options), inputs());
  });

  test('equals the step-by-step composition, and so do its gradients', () => {
    const [ours, theirs] = [inputs(), []] as [Tensor[], Tensor[]];
    for (const input of ours) {
      theirs.push(input.strided(input.shape, input.stride));
      for (const one of [input, theirs.at(-1)!]) one.requiresGrad = true;
    }
    const [got, expected] = [seeded(options), composed(options)].map((f, i) =>
      f(...((i === 0 ? ours : theirs) as Parameters<typeof f>)),
    ) as [Tensor, Tensor];
    const upstream = normal(...got.shape);
    expectClose(got, expected.toArray(), 1e-13);
    backward(got, upstream);
    backward(expected, upstream);
    ours.forEach((input, i) => {
      expectClose(input.grad!, theirs[i]!.grad!.toArray(), 1e-12, `input ${i}`);
    });
  });
});

test('a sequence in two parts, the state handed over, equals the whole, through the gradient too', () => {
  const [x, weightIH, weightHH] = inputs() as [Tensor, Tensor, Tensor];
  const inTwo = (at: Tensor) => {
    const first = lstm(slice(at, { axis: 1, end: 3 }), weightIH, weightHH);
    const { h: h0, c: c0 } = first;
    const second = lstm(slice(at, { axis: 1, start: 3 }), weightIH, weightHH, null, { h0, c0 });
    return concat([first.hidden, second.hidden], 1);
  };
  const gradientOf = (f: (at: Tensor) => Tensor) => {
    const leaf = x.strided(x.shape, x.stride);
    leaf.requiresGrad = true;
    const y = f(leaf);
    const values = y.toArray();
    backward(sum(mul(y, y)));
    return [values, leaf.grad!] as const;
  };
  const [values, gradient] = gradientOf((at) => lstm(at, weightIH, weightHH).hidden);
  const [valuesInTwo, gradientInTwo] = gradientOf(inTwo);
  expect(valuesInTwo).toEqual(values);
  expectClose(gradientInTwo, gradient.toArray(), 1e-13);
});

test('backward twice through a kept graph doubles the gradient', () => {
  const [x, weightIH, weightHH] = inputs() as [Tensor, Tensor, Tensor];
  weightHH.requiresGrad = true;
  const loss = sum(lstm(x, weightIH, weightHH, null, { zoneoutCell: 0.5 }).hidden);
  backward(loss, undefined, { retainGraph: true });
  const once = mul(weightHH.grad!, 2).toArray();
  backward(loss);
  expectClose(weightHH.grad!, once, 1e-14);
});

test.each<[string, number[][], LSTMSettings, string]>([
  ['x', [[2, 3], [8, 3], [8, 2]], {}, 'x is (B, T, C) and weightIH (4H, C), with 4H = 8. got x (2, 3)'],
  ['weightIH', [[1, 2, 3], [8, 4], [8, 2]], {}, 'weightIH (8, 4)'],
  ['weightHH', [[1, 2, 3], [8, 3], [6, 2]], {}, 'weightHH is (4H, H): four gates from H hidden values. got (6, 2)'],
  ['bias', [[1, 2, 3], [8, 3], [8, 2], [4]], {}, 'the bias has shape (8). got (4)'],
  ['h0', [[1, 2, 3], [8, 3], [8, 2]], { h0: normal(2, 2) }, 'h0 has shape (B, H), (1, 2). got (2, 2)'],
  ['a probability', [[1, 2, 3], [8, 3], [8, 2]], { zoneoutCell: 1 }, 'the probability to drop lies in [0, 1). got 1'],
  ['an option', [[1, 2, 3], [8, 3], [8, 2]], { zoneoutCel: 1 } as never, 'did you mean "zoneoutCell"?'],
  ['a dtype', [[1, 2, 3], [8, 3], [8, 2]], { h0: randn([1, 2]) }, 'all tensors have one dtype'],
])('refuses bad input: %s', (_, shapes, options, message) => {
  const [x, weightIH, weightHH, bias] = shapes.map((shape) => normal(...shape)) as [Tensor, Tensor, Tensor, Tensor];
  expect(() => lstm(x, weightIH, weightHH, bias, options)).toThrow(message);
}); // biome-ignore format: one case in a line
