import fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { backward, gradcheck, noGrad } from '../../src/autograd/index.ts';
import { kernels } from '../../src/kernels/index.ts';
import { crossEntropy, linear, linearCrossEntropy, mul, permute } from '../../src/ops/index.ts';
import { manualSeed, randn, type Tensor, tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeEach(() => manualSeed(9));

const [B, T, C, V] = [2, 5, 3, 7];
const targets = tensor([[1, 6, -100, 0, 3], [2, 2, 5, -100, 4]], { dtype: 'int32' }); // biome-ignore format: rows

test.each([1, 3, 5, 10, 100])('with blocks of %i rows: gradcheck', (rows) => {
  const double = (...shape: number[]) => randn(shape, { dtype: 'float64' });
  gradcheck(
    (x, weight, bias) => linearCrossEntropy(x!, weight!, targets, { rows, bias: bias!, labelSmoothing: 0.2 }),
    [double(B, T, C), double(V, C), double(V)],
  );
});

test('equals linear and crossEntropy: value and gradients, for any sizes, also scaled and of one side alone', () => {
  const sizes = fc.record({ N: fc.integer({ min: 1, max: 20 }), C: fc.integer({ min: 1, max: 9 }), V: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 25 }), fc.constantFrom('x', 'weight', 'bias', 'all'), fc.constantFrom(0, 0.3), ({ N, C, V }, rows, learns, labelSmoothing) => {
      const [a, w, b] = [randn([N, C]), randn([V, C]), randn([V])];
      const ids = Array.from({ length: N }, (_, i) => (i % 4 === 3 ? 0 : (i * 7) % V)); // class 0 counts for nothing
      ids[0] = V - 1;
      const classes = tensor(ids, { dtype: 'int32' });
      const ignoreIndex = V > 1 ? 0 : -100;
      const run = (loss: (x: Tensor, weight: Tensor, bias: Tensor) => Tensor) => {
        const inputs = { x: tensor(a.toArray()), weight: tensor(w.toArray()), bias: tensor(b.toArray()) };
        for (const [name, input] of Object.entries(inputs))
          input.requiresGrad = learns === name || learns === 'all';
        const y = mul(loss(inputs.x, inputs.weight, inputs.bias), 3);
        const value = y.item();
        backward(y);
        const { x, weight, bias } = inputs;
        return { value, dx: x.grad?.toArray(), dWeight: weight.grad?.toArray(), dBias: bias.grad?.toArray() };
      };
      const plain = run((x, weight, bias) => crossEntropy(linear(x, weight, bias), classes, { ignoreIndex, labelSmoothing }));
      const blocks = run((x, weight, bias) => linearCrossEntropy(x, weight, classes, { rows, ignoreIndex, labelSmoothing, bias }));
      expectClose(blocks.value, plain.value, 1e-5);
      for (const name of ['dx', 'dWeight', 'dBias'] as const) {
        if (plain[name] === undefined) expect(blocks[name]).toBeUndefined();
        else expectClose(tensor(blocks[name]!), plain[name], 1e-5, name);
      }
    }),
    { numRuns: 60 },
  );
}); // biome-ignore format: shorter

test('takes views, and needs no gradient', () => {
  const [x, weight] = [permute(randn([C, T]), [1, 0]), permute(randn([C, V]), [1, 0])];
  const classes = tensor([1, 6, 0, 0, 3], { dtype: 'int32' });
  const expected = crossEntropy(linear(x, weight), classes).item();
  expect(noGrad(() => linearCrossEntropy(x, weight, classes, { rows: 2 }).item())).toBeCloseTo(expected, 5);
});

test('is NaN where every target is ignored, as crossEntropy is', () => {
  const classes = tensor([-100, -100], { dtype: 'int32' });
  expect(linearCrossEntropy(randn([2, 3]), randn([4, 3]), classes).item()).toBeNaN();
});

test('has the logits of one block at a time, of each position once', () => {
  const lossKernel = vi.spyOn(kernels, 'crossEntropy');
  const classes = tensor(new Array(50).fill(5), { dtype: 'int32' });
  linearCrossEntropy(randn([50, 4], { requiresGrad: true }), randn([9, 4]), classes, { rows: 16 });
  const blocks = lossKernel.mock.calls.map(([, , , logits, , rows]) => [logits.length, rows]);
  vi.restoreAllMocks();
  expect(blocks).toEqual([16, 16, 16, 2].map((rows) => [9 * rows, rows]));
});

test.each<[string, () => unknown, string]>([
  ['no rows', () => linearCrossEntropy(randn([2, 3]), randn([4, 3]), targets, { rows: 0 }), 'linearCrossEntropy: rows is a whole number ≥ 1. got 0.'],
  ['other widths', () => linearCrossEntropy(randn([2, 3]), randn([3, 4]), targets), 'the last axis of x is as long as the second of the weight (V, C). got x (2, 3) and weight (3, 4).'],
  ['another bias', () => linearCrossEntropy(randn([2, 3]), randn([4, 3]), targets, { bias: randn([3]) }), 'linearCrossEntropy: the bias has shape (4). got (3).'],
  ['too much smoothing', () => linearCrossEntropy(randn([2, 3]), randn([4, 3]), targets, { labelSmoothing: 2 }), 'labelSmoothing lies in [0, 1]. got 2.'],
  ['other targets', () => linearCrossEntropy(randn([2, 3]), randn([4, 3]), targets), 'linearCrossEntropy: logits are (…, V) and targets (…). got logits (2, 4) and targets (2, 5).'],
  ['a class beyond V', () => linearCrossEntropy(randn([2, 5, 3]), randn([4, 3]), targets), 'a target lies in [0, 4) or is ignoreIndex (-100). got target out of range: 6 at index 1.'],
  ['an unknown option', () => linearCrossEntropy(randn([2, 3]), randn([4, 3]), targets, { row: 2 } as never), 'did you mean "rows"?'],
])('refuses %s', (_, use, message) => {
  expect(use).toThrow(message);
}); // biome-ignore format: a table
