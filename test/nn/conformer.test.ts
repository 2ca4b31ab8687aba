import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { gradcheck, gradcheckModule } from '../../src/autograd/index.ts';
import {
  ConformerBlock,
  ConvolutionalSubsampling,
  ConvolutionModule,
  type Module,
  RelativeAttention,
} from '../../src/nn/index.ts';
import { mul, slice, sum } from '../../src/ops/index.ts';
import { manualSeed, randn, setDefaultDtype, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeAll(() => setDefaultDtype('float64'));
afterAll(() => setDefaultDtype('float32'));
beforeEach(() => manualSeed(11));

/** With no parameter left at the 0 or 1 that it starts as. */
function shaken<M extends Module>(module: M): M {
  for (const parameter of module.parameters()) {
    const noise = randn(parameter.shape).data;
    for (let i = 0; i < parameter.size; i++) parameter.data[i]! += 0.3 * noise[i]!;
  }
  return module;
}
const mask = (...rows: number[][]) => tensor(rows, { dtype: 'int32' });

describe('gradients', () => {
  const padding = mask([0, 0, 0, 0, 0], [0, 0, 0, 1, 1]);

  test('from the input', () => {
    const [attention, convolution] = [
      new RelativeAttention(4, { heads: 2 }),
      new ConvolutionModule(4, { kernel: 3 }),
    ];
    const subsampling = new ConvolutionalSubsampling(4, 3, 2);
    shaken(attention);
    gradcheck((x) => attention.forward(x), [randn([2, 5, 4])]);
    gradcheck((x) => convolution.forward(x), [randn([2, 5, 4])]);
    gradcheck(
      (x) => slice(convolution.forward(x, { keyPaddingMask: padding }), { axis: 1, end: 3 }),
      [randn([2, 5, 4])],
    );
    gradcheck((x) => subsampling.forward(x, [9, 6]).x, [randn([2, 9, 4])]);
  });

  test('of every parameter of a block, with padding, in both modes', () => {
    const push = mul(randn([2, 5, 4]), tensor([[[1], [1], [1], [1], [1]], [[1], [1], [1], [0], [0]]])); // biome-ignore format: one line
    const x = randn([2, 5, 4]);
    for (const training of [true, false]) {
      const block = shaken(new ConformerBlock(4, { heads: 2, kernel: 3, hidden: 6 })).train(training);
      gradcheckModule(block, () => sum(mul(block.forward(x, { keyPaddingMask: padding }), push)), {
        atol: 1e-6,
        rtol: 1e-6,
      });
    }
  });
});

describe('RelativeAttention', () => {
  test('is the formula, key by key and distance by distance', () => {
    const [T, C, D] = [4, 4, 2];
    const layer = shaken(new RelativeAttention(C, { heads: 2 }));
    const x = randn([1, T, C]);
    const rows = (values: Tensor) => values.toArray() as number[][];
    const project = (row: number[], weight: Tensor, bias?: Tensor | null) =>
      rows(weight).map((w, i) =>
        w.reduce((total, value, j) => total + value * row[j]!, bias ? bias.data[i]! : 0),
      );
    const [q, k, v] = [layer.query, layer.key, layer.value].map((part) =>
      rows(x)[0]!.map((row) => project(row as unknown as number[], part.weight, part.bias)),
    );
    const mixed = Array.from({ length: T }, (_, t) => {
      const heads = [0, 1].flatMap((h) => {
        const scores = Array.from({ length: T }, (_, s) => {
          const wave = Array.from({ length: C }, (_, c) => {
            const angle = (t - s) / 10000 ** ((c - (c % 2)) / C);
            return c % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
          });
          const r = project(wave, layer.distance.weight);
          let score = 0;
          for (let d = 0; d < D; d++) {
            const at = h * D + d;
            score += (q![t]![at]! + layer.contentBias.data[at]!) * k![s]![at]!;
            score += (q![t]![at]! + layer.distanceBias.data[at]!) * r[at]!;
          }
          return Math.exp(score / Math.sqrt(D));
        });
        const total = scores.reduce((a, b) => a + b);
        return [0, 1].map((d) => scores.reduce((sum, p, s) => sum + (p / total) * v![s]![h * D + d]!, 0));
      });
      return project(heads, layer.output.weight, layer.output.bias);
    });
    expectClose(layer.forward(x), [mixed], 1e-12);
  });

  test('starts with biases of 0, and decays only its projections', () => {
    const layer = new RelativeAttention(6, { heads: 3 });
    expect(layer.contentBias.toArray()).toEqual(zeros([3, 2]).toArray());
    const roles = Object.fromEntries(layer.namedParameters().map(([name, { role }]) => [name, role]));
    expect(roles).toMatchObject({ 'distance.weight': 'weight', contentBias: 'bias', distanceBias: 'bias' });
    expect(Object.keys(roles)).toHaveLength(11);
  });
});

test.each<[string, () => unknown, string]>([
  ['heads', () => new RelativeAttention(6, { heads: 4 }), 'RelativeAttention: heads divide the width. got width 6, heads 4.'], // biome-ignore format: a table
  [
    'no heads',
    () => new RelativeAttention(6, {} as never),
    'RelativeAttention: heads is given. got nothing.',
  ],
  [
    'rank',
    () => new RelativeAttention(6, { heads: 2 }).forward(zeros([2, 6])),
    'the input is (B, T, C). got (2, 6).',
  ],
  ['mask', () => new ConvolutionModule(6).forward(zeros([2, 3, 6]), { keyPaddingMask: mask([0, 0]) }), 'ConvolutionModule: keyPaddingMask has shape (B, T), (2, 3). got (1, 2).'], // biome-ignore format: a table
  ['kernel', () => new ConformerBlock(6, { heads: 2, kernel: 2 }), 'the size of a window is odd. got 2.'],
  ['option', () => new ConformerBlock(6, { heads: 2, kernels: 2 } as never), 'did you mean "kernel"?'],
  ['features', () => new ConvolutionalSubsampling(4, 3, 2).forward(zeros([9, 4]), [9]), 'features are (B, T, M). got (9, 4).'], // biome-ignore format: a table
])('refuses bad input: %s', (_, use, message) => {
  expect(use).toThrow(message);
});
