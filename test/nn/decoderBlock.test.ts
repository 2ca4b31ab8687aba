import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { backward, gradcheck } from '../../src/autograd/index.ts';
import { DecoderBlock } from '../../src/nn/index.ts';
import { add, concat, matmul, mul, relu, select, slice, sum } from '../../src/ops/index.ts';
import { manualSeed, randn, setDefaultDtype, type Tensor, tensor } from '../../src/tensor/index.ts';
import { expectClose } from '../support/golden.ts';

beforeAll(() => setDefaultDtype('float64'));
afterAll(() => setDefaultDtype('float32'));
beforeEach(() => manualSeed(5));

const options = { heads: 2, activation: relu, init: (shape: readonly number[]) => mul(randn(shape), 0.5) };
const keyPaddingMask = tensor([[0, 0, 0, 0], [0, 1, 0, 1]], { dtype: 'int32' }); // biome-ignore format: rows

describe('DecoderBlock', () => {
  test.each(['pre', 'post'] as const)('%s: gradients of the input and of the memory', (normPosition) => {
    const block = new DecoderBlock(6, { ...options, normPosition });
    gradcheck(
      (x, memory) => block.forward(x, { memory, keyPaddingMask }),
      [randn([2, 3, 6]), randn([2, 4, 6])],
    );
  });

  test.each(['pre', 'post'] as const)('%s: is the formula, put together from its parts', (normPosition) => {
    const block = new DecoderBlock(6, { ...options, normPosition });
    const [x, source] = [randn([2, 3, 6]), { memory: randn([2, 4, 6]), keyPaddingMask }];
    const { norm1, norm2, norm3, selfAttention, crossAttention, feedForward } = block;
    const residual = (h: Tensor, layer: typeof norm1, branch: (h: Tensor) => Tensor) =>
      normPosition === 'pre' ? add(h, branch(layer.forward(h))) : layer.forward(add(h, branch(h)));
    const one = residual(x, norm1, (h) => selfAttention.forward(h));
    const two = residual(one, norm2, (h) => crossAttention.forward(h, source));
    const three = residual(two, norm3, (h) => feedForward.forward(h));
    expectClose(block.forward(x, source), three.toArray(), 1e-12);
  });

  test('every parameter gets a gradient but the key biases, which shift all scores alike', () => {
    const block = new DecoderBlock(6, options);
    backward(sum(mul(block.forward(randn([1, 3, 6]), { memory: randn([1, 4, 6]) }), randn([1, 3, 6]))));
    for (const [name, { grad }] of block.namedParameters()) {
      const largest = Math.max(...Array.from(grad!.toTypedArray(), Math.abs));
      if (name.endsWith('key.bias')) expect(largest, name).toBeLessThan(1e-12);
      else expect(largest, name).toBeGreaterThan(1e-3);
    }
  });

  test('is causal in itself, and never attends to padded memory', () => {
    const block = new DecoderBlock(6, options);
    const [x, memory] = [randn([2, 4, 6]), randn([2, 4, 6])];
    const start = { axis: 1, end: 2 };
    const changed = concat([slice(x, start), randn([2, 2, 6])], 1);
    const noise = mul(randn([2, 4, 6]), tensor([[[0], [0], [0], [0]], [[0], [1], [0], [1]]])); // biome-ignore format: one line
    const [a, b] = [block.forward(x, { memory, keyPaddingMask }), block.forward(changed, { memory: add(memory, noise), keyPaddingMask })]; // biome-ignore format: one line
    expectClose(slice(a, start), slice(b, start).toArray(), 1e-12);
    expect(a.toArray()).not.toEqual(b.toArray());
  });

  test.each(['pre', 'post'] as const)('%s: its cross weights are those that it uses', (normPosition) => {
    const block = new DecoderBlock(6, { ...options, heads: 1, normPosition, bias: false });
    const { crossAttention } = block;
    const [x, memory] = [randn([1, 3, 6]), randn([1, 4, 6])];
    let used: Tensor | undefined;
    const forward = crossAttention.forward.bind(crossAttention);
    crossAttention.forward = (...given) => {
      used = forward(...given);
      return used;
    };
    const weights = block.crossWeights(x, { memory });
    block.forward(x, { memory });
    const mixed = matmul(select(weights, 1, 0), crossAttention.value.forward(memory)); // of the only head
    expectClose(used!, crossAttention.output.forward(mixed).toArray(), 1e-12);
  });

  test('an unknown norm position or option is an error', () => {
    expect(() => new DecoderBlock(6, { heads: 2, normPosition: 'prae' as 'pre' })).toThrow(
      'did you mean "pre"?',
    );
    expect(() => new DecoderBlock(6, { heads: 2, causal: true } as { heads: number })).toThrow(
      'got "causal"',
    );
    expect(() => new DecoderBlock(6, { heads: 2, head: 2 } as { heads: number })).toThrow(
      'got "head". did you mean "heads"?',
    );
  });
});
