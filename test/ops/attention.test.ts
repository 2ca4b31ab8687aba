import { describe, expect, test } from 'vitest';
import { backward, gradcheck, noGrad } from '../../src/autograd/index.ts';
import {
  type AttentionOptions,
  attention,
  attentionWeights,
  matmul,
  permute,
  reshape,
} from '../../src/ops/index.ts';
import { manualSeed, randn, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { expectGolden } from '../golden/nnOps.ts';

const float64 = { dtype: 'float64' } as const;
const heads = (length: number, size = 3) => randn([2, 2, length, size], float64);
const hidden = Number.NEGATIVE_INFINITY;
const padding = tensor(
  [
    [0, 0, 0, 1, 1],
    [0, 1, 0, 0, 0],
  ],
  { dtype: 'int32' },
);
const blind = tensor(
  [
    [1, 1, 1, 1, 1],
    [0, 1, 0, 0, 0],
  ],
  { dtype: 'int32' },
);
const additive = tensor(
  [
    [0, hidden, 1, 0, -1],
    [0.5, 0, 0, hidden, 0],
    [0, 0, 2, 0, 0],
  ],
  float64,
);

const values = (x: Tensor) => [...x.toTypedArray()];
const close = (a: Tensor, b: Tensor) => {
  for (const [i, value] of values(a).entries()) expect(value).toBeCloseTo(values(b)[i]!, 12);
};

describe('value and gradients are those of PyTorch', () => {
  test.each<[string, AttentionOptions]>([
    ['', {}],
    [' scale', { scale: 0.3 }],
    [' causal', { causal: true }],
    [' cross', {}],
    [' causal S > T', { causal: true }],
    [' causal S < T', { causal: true }],
  ])('attention%s', (name, options) => {
    expectGolden(`attention${name}`, (q, k, v) => attention(q!, k!, v!, options));
    expectGolden(`attention${name}`, (q, k, v) => matmul(attentionWeights(q!, k!, options), v!));
  });

  test.each(['padding', 'padding causal', 'blind'])('attention %s', (name) => {
    const causal = name === 'padding causal';
    expectGolden(`attention ${name}`, (q, k, v, keyPaddingMask) =>
      attention(q!, k!, v!, { keyPaddingMask: keyPaddingMask!, causal }),
    );
    expectGolden(`attention ${name}`, (q, k, v, keyPaddingMask) =>
      matmul(attentionWeights(q!, k!, { keyPaddingMask: keyPaddingMask!, causal }), v!),
    );
  });

  test.each(['mask', 'mask per head', 'mask full'])('attention %s, with the gradient of the mask', (name) => {
    expectGolden(`attention ${name}`, (q, k, v, mask, keyPaddingMask) =>
      attention(q!, k!, v!, { mask: mask!, ...(keyPaddingMask && { keyPaddingMask }) }),
    );
  });
});

describe('gradcheck', () => {
  test.each<[string, number, number, AttentionOptions]>([
    ['self', 4, 4, {}],
    ['cross', 3, 5, {}],
    ['causal', 4, 4, { causal: true }],
    ['causal, S > T', 3, 5, { causal: true }],
    ['causal, S < T', 5, 3, { causal: true }],
    ['padding', 3, 5, { keyPaddingMask: padding }],
    ['a batch entry of padding alone', 3, 5, { keyPaddingMask: blind }],
    ['mask', 3, 5, { mask: additive }],
    ['everything', 3, 5, { causal: true, mask: additive, keyPaddingMask: padding, scale: 0.7 }],
  ])('%s', (_name, T, S, options) => {
    gradcheck((q, k, v) => attention(q!, k!, v!, options), [heads(T), heads(S), heads(S)]);
    gradcheck((q, k) => attentionWeights(q!, k!, options), [heads(T), heads(S)]);
  });

  test('of a mask, through both functions', () => {
    const mask = randn([2, 1, 5], float64);
    gradcheck(
      (q, k, v, mask) => attention(q!, k!, v!, { mask: mask!, keyPaddingMask: blind }),
      [heads(3), heads(5), heads(5), mask],
    );
    gradcheck(
      (q, k, mask) => attentionWeights(q!, k!, { mask: mask!, causal: true }),
      [heads(3), heads(5), mask],
    );
  });

  test('with dropout, under one seed', () => {
    const seeded = (q: Tensor, k: Tensor, v: Tensor, mask?: Tensor) => {
      manualSeed(9);
      return attention(q, k, v, { dropout: 0.4, causal: true, mask: mask ?? null });
    };
    gradcheck(seeded as never, [heads(3), heads(5), heads(5)]);
    gradcheck(seeded as never, [heads(3), heads(5), heads(5), randn([3, 5], float64)]);
  });
});

test('the fused and the composed path drop the same weights', () => {
  const [q, k, v] = [heads(3), heads(5), heads(5)];
  const mask = zeros([3, 5], float64);
  manualSeed(4);
  const fused = attention(q, k, v, { dropout: 0.5, mask });
  mask.requiresGrad = true;
  manualSeed(4);
  close(attention(q, k, v, { dropout: 0.5, mask }), fused);
  expect(values(attention(q, k, v, { dropout: 0.5 }))).not.toEqual(values(fused));
  manualSeed(4);
  close(
    noGrad(() => attention(q, k, v, { dropout: 0.5, mask })),
    fused,
  );
});

test('weights sum to 1 over the keys that are seen, and are 0 elsewhere', () => {
  const P = attentionWeights(heads(4), heads(5), {
    causal: true,
    keyPaddingMask: padding,
  }).toArray() as number[][][][];
  P.forEach((entry, b) => {
    for (const head of entry) {
      head.forEach((row, t) => {
        const seen = row.map((_, s) => s <= t + 1 && padding.data[b * 5 + s] === 0);
        for (const [s, weight] of row.entries()) expect(weight > 0).toBe(seen[s]);
        expect(row.reduce((total, weight) => total + weight)).toBeCloseTo(1, 12);
      });
    }
  });
});

test('a query that sees no key yields zeros and no gradient, on both paths', () => {
  for (const mask of [null, zeros([1], { ...float64, requiresGrad: true })]) {
    const [q, k, v] = [heads(3), heads(5), heads(5)].map((x) => Object.assign(x, { requiresGrad: true }));
    const y = attention(q!, k!, v!, { keyPaddingMask: blind, mask });
    expect(values(y).slice(0, 2 * 3 * 3)).toEqual(new Array(18).fill(0));
    expect(
      values(y)
        .slice(18)
        .every((value) => value !== 0),
    ).toBe(true);
    backward(y, randn(y.shape, float64));
    for (const x of [q!, k!, v!]) {
      expect(
        values(x.grad!)
          .slice(0, x.size / 2)
          .every((value) => value === 0),
      ).toBe(true);
      expect(values(x.grad!).every(Number.isFinite)).toBe(true);
    }
  }
});

describe.each(['float32', 'float64'] as const)(
  'a mask that is the same for all keys cancels, whatever its size: %s',
  (dtype) => {
    test.each([-1e9, 1e9, -3e38, 3e38])('%d', (size) => {
      const sources = [3, 5, 5, 3].map((length) => tensor(heads(length).toArray(), { dtype }));
      const mask = tensor([size], { dtype });
      const results = [
        attention,
        (...[q, k, v, o]: Parameters<typeof attention>) => matmul(attentionWeights(q, k, o), v),
      ].map((f) => {
        const [q, k, v] = sources.map((x) =>
          Object.assign(tensor(x.toArray(), { dtype }), { requiresGrad: true }),
        );
        const y = f(q!, k!, v!, { mask });
        const value = values(y);
        backward(y, sources[3]);
        return [value, values(v!.grad!), values(q!.grad!), values(k!.grad!)];
      });
      const dv = results[0]![1]!.reduce((a, b) => a + b);
      expect(dv).toBeCloseTo(
        values(sources[3]!).reduce((a, b) => a + b),
        5,
      ); // the weights of each query sum to 1
      results[0]!.forEach((numbers, i) => {
        for (const [j, value] of numbers.entries()) expect(value).toBeCloseTo(results[1]![i]![j]!, 5);
      });
      // next to such a mask float32 sees no difference between scores: the plain mean of the values
      if (dtype === 'float32')
        expect(results[0]![0]![0]).toBeCloseTo(
          [0, 3, 6, 9, 12].reduce((sum, i) => sum + sources[2]!.data[i]! / 5, 0),
          5,
        );
    });
  },
);

test('a score beyond the range of float32 or NaN is NaN for its query, as in PyTorch', () => {
  const [k, v] = [tensor([[[[1], [2]]]]), tensor([[[[3], [4]]]])];
  const q = tensor([[[[3e38], [0], [Number.NaN]]]]);
  expect(values(attention(q, k, v, { scale: 1 }))).toEqual([Number.NaN, 3.5, Number.NaN]);
  const mask = tensor([[Infinity, 0]]);
  expect(values(attention(tensor([[[[1]]]]), k, v, { mask }))).toEqual([Number.NaN]);
});

test('causal with more or fewer queries than keys: the last query sees the last key (PyTorch aligns the first ones)', () => {
  const weights = (T: number, S: number) =>
    attentionWeights(zeros([1, 1, T, 1]), zeros([1, 1, S, 1]), { causal: true }).toArray();
  const value = (T: number, S: number) =>
    values(
      attention(zeros([1, 1, T, 1]), zeros([1, 1, S, 1]), tensor([[[[1], [2], [6], [7]].slice(0, S)]]), {
        causal: true,
      }),
    );
  expect(weights(2, 4)).toEqual([[[[1, 1, 1, 0].map((w) => Math.fround(w / 3)), [0.25, 0.25, 0.25, 0.25]]]]);
  expect(value(2, 4)).toEqual([3, 4]);
  expect(weights(3, 2)).toEqual([
    [
      [
        [0, 0],
        [1, 0],
        [0.5, 0.5],
      ],
    ],
  ]);
  expect(value(3, 2)).toEqual([0, 1, 1.5]);
});

test('takes strided views, and merging heads is a view of its result', () => {
  const [T, S] = [4, 6];
  const split = (x: Tensor) => permute(reshape(x, [2, x.shape[1]!, 2, 3]), [0, 2, 1, 3]);
  const [q, k, v] = [T, S, S].map((length) => split(randn([2, length, 6], float64))) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const y = attention(q, k, v);
  const copies = [q, k, v].map((x) => tensor(x.toArray(), float64)) as [Tensor, Tensor, Tensor];
  expect(values(y)).toEqual(values(attention(...copies)));
  const merged = reshape(permute(y, [0, 2, 1, 3]), [2, T, 6]);
  expect(merged.storage).toBe(y.storage);
});

test('the result of gradients through split and merged heads', () => {
  const whole = (x: Tensor, m: Tensor) => {
    const split = (z: Tensor) => permute(reshape(z, [2, z.shape[1]!, 2, 2]), [0, 2, 1, 3]);
    return reshape(
      permute(attention(split(x), split(m), split(m), { causal: true }), [0, 2, 1, 3]),
      [2, 3, 4],
    );
  };
  gradcheck(whole as never, [randn([2, 3, 4], float64), randn([2, 5, 4], float64)]);
});

test('bad input', () => {
  const [q, k] = [zeros([2, 2, 3, 4]), zeros([2, 2, 5, 4])];
  expect(() => attention(q, zeros([2, 3, 5, 4]), k)).toThrow(
    'attention: q is (B, H, T, D) and k is (B, H, S, D). got q (2, 2, 3, 4) and k (2, 3, 5, 4).',
  );
  expect(() => attention(zeros([3, 4]), k, k)).toThrow('q is (B, H, T, D)');
  expect(() => attention(q, k, zeros([2, 2, 6, 4]))).toThrow(
    'attention: k and v have one shape, (B, H, S, D)',
  );
  expect(() => attention(q, k, k, { keyPaddingMask: zeros([2, 3]) })).toThrow(
    'attention: keyPaddingMask has shape (B, S), (2, 5). got (2, 3).',
  );
  expect(() => attention(q, k, k, { mask: zeros([5, 3]) })).toThrow(
    'attention: the tensor broadcasts to (2, 2, 3, 5). got (5, 3).',
  );
  expect(() => attentionWeights(q, k, { mask: zeros([3, 2, 3, 5]) })).toThrow('attentionWeights');
  expect(() => attention(q, k, k, { mask: zeros([3, 5], { dtype: 'int32' }) })).toThrow(
    'all tensors have one dtype',
  );
  expect(() => attention(q, k, k, { dropout: 1 })).toThrow(
    'attention: the probability to drop lies in [0, 1). got 1.',
  );
  // @ts-expect-error weights are what is before dropout
  expect(() => attentionWeights(q, k, { dropout: 0.1 })).toThrow(
    'attentionWeights: every option is known. got "dropout"',
  );
  // @ts-expect-error PyTorch's spelling
  expect(() => attention(q, k, k, { isCausal: true })).toThrow('did you mean "causal"?');
});
