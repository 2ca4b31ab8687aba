import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backward, defineOp, detectAnomaly, gradcheck, noGrad } from '../../src/autograd/index.ts';
import '../../src/fluent.ts';
import { add, exp, fill_, gather, greater, mul, select, sub, sum } from '../../src/ops/index.ts';
import { empty, randn, type Tensor, tensor } from '../../src/tensor/index.ts';
import { poisonReleased } from '../../src/tensor/storage.ts';

// Released blocks are filled with NaN: a stale read anywhere below shows.
beforeEach(() => poisonReleased(true));
afterEach(() => poisonReleased(false));

const float64 = { dtype: 'float64' } as const;
const leaf = (values: number[]) => tensor(values, { ...float64, requiresGrad: true });
const grad = (x: Tensor) => x.grad!.toArray();

/** (a·b, a − b), and what its backward was given. */
const given: number[][][] = [];
const productAndDifference = defineOp({
  name: 'productAndDifference',
  forward: (a: Tensor, b: Tensor) => ({ outputs: [mul(a, b), sub(a, b)], saved: { a, b } }),
  backward([dp, dd], { a, b }) {
    given.push([dp.toArray() as number[], dd.toArray() as number[]]);
    return [add(mul(dp, b), dd), sub(mul(dp, a), dd)];
  },
});

/** The two largest of (n), and where they are: a float and an int32 output. */
const topTwo = defineOp({
  name: 'topTwo',
  forward(x: Tensor) {
    const order = [...x.data.keys()].sort((i, j) => x.data[j]! - x.data[i]!);
    const [values, places] = [empty([2], x.dtype, 'topTwo'), empty([2], 'int32', 'topTwo')];
    places.data.set(order.slice(0, 2));
    values.data.set(order.slice(0, 2).map((i) => x.data[i]!));
    return { outputs: [values, places], saved: { places, n: x.size } };
  },
  backward([dy, none], { places, n }) {
    expect(none.toArray()).toEqual([0, 0]);
    const dx = empty([n], dy.dtype);
    dx.data.fill(0);
    places.data.forEach((place, i) => {
      dx.data[place] = dy.data[i]!;
    });
    return [dx];
  },
});

describe('an op of several outputs', () => {
  test('returns a tuple, and each output has a gradient of its own', () => {
    expect(productAndDifference.name).toBe('productAndDifference');
    const [a, b] = [leaf([2, 3]), leaf([5, 7])];
    const [product, difference]: readonly [Tensor, Tensor] = productAndDifference(a, b);
    expect([product.toArray(), difference.toArray()]).toEqual([[10, 21], [-3, -4]]); // biome-ignore format: rows
    backward(sum(add(mul(product, 10), difference)));
    expect([grad(a), grad(b)]).toEqual([[51, 71], [19, 29]]); // biome-ignore format: rows
  });

  test('passes gradcheck through a function of one', () => {
    const inputs = (): [Tensor, Tensor] => [randn([2, 3], float64), randn([2, 3], float64)];
    const mixed = (a: Tensor, b: Tensor) => {
      const [product, difference] = productAndDifference(a, b);
      return mul(exp(product), add(difference, product));
    };
    gradcheck(mixed, inputs());
    for (const i of [0, 1]) gradcheck((a, b) => productAndDifference(a, b)[i]!, inputs());
    const wrong = defineOp({
      name: 'wrong',
      forward: (a: Tensor) => ({ outputs: [mul(a, 2), mul(a, 3)], saved: {} }),
      backward: ([d]) => [mul(d, 2)],
    });
    expect(() => gradcheck((a) => add(...wrong(a)), [randn([2], float64)])).toThrow('got 2, expected');
  });

  test('an output that no gradient reached has zeros, also as the sibling of the root', () => {
    const [a, b] = [leaf([2, 3]), leaf([5, 7])];
    given.length = 0;
    backward(sum(productAndDifference(a, b)[1]));
    backward(productAndDifference(a, b)[0], tensor([1, 10], float64));
    expect(given).toEqual([[[0, 0], [1, 1]], [[1, 10], [0, 0]]]); // biome-ignore format: rows
    expect([grad(a), grad(b)]).toEqual([[6, 71], [1, 29]]); // biome-ignore format: rows
  });

  test('int32 outputs have no gradient, and can be used as indices', () => {
    const x = leaf([3, 9, 1, 7]);
    const [values, places] = topTwo(x);
    expect([values.requiresGrad, places.requiresGrad]).toEqual([true, false]);
    expect(places.toArray()).toEqual([1, 3]);
    backward(sum(mul(values, gather(x, 0, places))));
    expect(grad(x)).toEqual([0, 18, 0, 14]);
    expect(() => places.toArray()).toThrow('topTwo: a result is read before it is freed');
  });

  test('the same tensor twice, its input, and views of one block are outputs of their own', () => {
    const copies = defineOp({
      name: 'copies',
      forward(x: Tensor) {
        const y = mul(x, 2);
        return { outputs: [x, y, y, select(y, 0, 1)], saved: {} };
      },
      backward: ([d0, d1, d2, d3]) => [add(add(d0, mul(add(d1, d2), 2)), mul(d3, tensor([0, 2], float64)))],
    });
    const x = leaf([3, 4]);
    const all = copies(x);
    expect(new Set([x, ...all]).size).toBe(5);
    gradcheck((v) => copies(v).reduce((total, y, i) => add(total, mul(y, i + 1)), v), [randn([2], float64)]);
    for (const y of all) y.retainGrad();
    backward(sum(add(add(all[0], mul(all[1], 10)), add(mul(all[2], 100), mul(all[3], 1000)))));
    expect(all.map(grad)).toEqual([[1, 1], [10, 10], [100, 100], 2000]); // biome-ignore format: rows
  });
});

describe('what a graph promises holds for several outputs', () => {
  test('it is consumed as one: siblings are released, and no second backward runs', () => {
    const [product, difference] = productAndDifference(leaf([2]), leaf([5]));
    const root = sum(product);
    backward(root);
    expect(root.item()).toBe(10);
    expect(() => difference.item()).toThrow('sub: a result is read before it is freed');
    expect(() => backward(difference)).toThrow('backward: a graph is used until backward consumes it');
  });

  test('retainGraph: once for each output', () => {
    const [a, b] = [leaf([2]), leaf([5])];
    const [product, difference] = productAndDifference(a, b);
    backward(product, undefined, { retainGraph: true });
    backward(difference, undefined, { retainGraph: true });
    backward(product);
    expect([grad(a), grad(b)]).toEqual([[11], [3]]);
  });

  test('a saved output that is changed in place is noticed', () => {
    const pair = defineOp({
      name: 'pair',
      forward(x: Tensor) {
        const [y, z] = [exp(x), mul(x, 2)];
        return { outputs: [y, z], saved: { y } };
      },
      backward: ([dy, dz], { y }) => [add(mul(dy, y), mul(dz, 2))],
    });
    const [y, z] = pair(leaf([1]));
    noGrad(() => fill_(y, 0));
    expect(() => backward(sum(z))).toThrow(
      'backward of pair: a tensor saved for backward is not changed in place',
    );
  });

  test('noGrad keeps the outputs that it returns, and frees the others', () => {
    const seen: Tensor[] = [];
    const kept = noGrad(() => {
      const pair = productAndDifference(leaf([2]), leaf([5]));
      seen.push(...pair);
      return pair[0];
    });
    expect([kept.item(), kept.requiresGrad]).toEqual([10, false]);
    expect(() => seen[1]!.item()).toThrow('sub: a result is read before it is freed');
    expect(noGrad(() => productAndDifference(leaf([2]), leaf([5]))).map((x) => x.item())).toEqual([10, -3]);
  });

  test('detectAnomaly names it', () => {
    const x = leaf([0]);
    const [product] = productAndDifference(x, tensor([Number.POSITIVE_INFINITY], float64));
    expect(() => detectAnomaly(() => backward(mul(sum(product), 0)))).toThrow(
      'backward of productAndDifference',
    );
  });

  test('without backward it passes no gradient', () => {
    const halves = defineOp({ name: 'halves', forward: (x: Tensor) => ({ outputs: [greater(x, 0), mul(x, 1)], saved: {} }) }); // biome-ignore format: one line
    expect(halves(leaf([1])).map((y) => y.requiresGrad)).toEqual([false, false]);
  });
});

test.each<[string, unknown]>([
  ['none', []],
  ['no tensor', [1]],
])('outputs that are not tensors are an error: %s', (_, outputs) => {
  const op = defineOp({
    name: 'bare',
    forward: (_x: Tensor) => ({ outputs: outputs as Tensor[], saved: {} }),
  });
  expect(() => op(leaf([1]))).toThrow(
    'bare: forward gives { outputs, saved }, a list of tensors and an object. got',
  );
});
