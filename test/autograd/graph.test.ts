import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backward, defineOp, noGrad } from '../../src/autograd/index.ts';
import {
  add,
  concat,
  copy_,
  exp,
  matmul,
  mean,
  mul,
  reshape,
  select,
  square,
  sum,
  transpose,
} from '../../src/ops/index.ts';
import { randn, type Tensor, tensor } from '../../src/tensor/index.ts';
import { Pool } from '../../src/tensor/pool.ts';
import { allocateFrom } from '../../src/tensor/source.ts';
import { poisonReleased } from '../../src/tensor/storage.ts';

// Released blocks are filled with NaN: a stale read anywhere below shows.
beforeEach(() => poisonReleased(true));
afterEach(() => poisonReleased(false));

const leaf = (values: number[] | number) => tensor(values, { dtype: 'float64', requiresGrad: true });
const grad = (x: Tensor) => x.grad!.toArray();

describe('the graph is consumed', () => {
  test('what it computed is gone, and says which op made it; the root stays', () => {
    const x = leaf([1, 2]);
    const y = exp(x);
    const loss = sum(mul(y, y));
    const value = loss.item();
    backward(loss);
    expect(loss.item()).toBe(value);
    expect(() => y.toArray()).toThrow(
      /^exp: a result is read before it is freed\. got .*copy it with \.detach\(\)/,
    );
    expect(() => mul(y, 2)).toThrow(/exp: |mul: a graph is used until backward consumes it/);
    expect(() => backward(loss)).toThrow('backward: the root requires grad. got');
    expect(x.toArray()).toEqual([1, 2]);
  });

  test('side branches too', () => {
    const x = leaf([1]);
    const y = exp(x);
    const side = mul(y, 2);
    backward(sum(y));
    expect(() => side.item()).toThrow('mul: a result is read before it is freed');
    expect(() => backward(side)).toThrow('backward: a graph is used until backward consumes it');
  });

  test('graphs that meet become one', () => {
    const [left, right] = [exp(leaf([1])), exp(leaf([2]))];
    const sides = [mul(left, 2), mul(right, 2), mul(mul(right, 2), 3)];
    backward(sum(add(left, right)));
    for (const y of [left, right, ...sides])
      expect(() => y.item()).toThrow('a result is read before it is freed');
  });

  test('two losses of one trunk: together, or with retainGraph', () => {
    const build = () => {
      const x = leaf([3]);
      const trunk = square(x);
      return { x, a: sum(mul(trunk, 2)), b: sum(exp(mul(trunk, 0.1))) };
    };
    const expected = 12 + 0.6 * Math.exp(0.9);
    const apart = build();
    backward(apart.a);
    expect(() => backward(apart.b)).toThrow(
      'add the losses and call backward once, or pass { retainGraph: true }',
    );
    const together = build();
    backward(add(together.a, together.b));
    expect(together.x.grad!.item()).toBeCloseTo(expected, 12);
    const retained = build();
    backward(retained.a, undefined, { retainGraph: true });
    backward(retained.b);
    expect(retained.x.grad!.item()).toBeCloseTo(expected, 12);
  });

  test('retainGraph: three times the same, then consumed', () => {
    const x = leaf([1, 2]);
    const y = mul(exp(x), x);
    const loss = sum(y);
    backward(loss, undefined, { retainGraph: true });
    const once = grad(x) as number[];
    expect(y.item.bind(y)).toThrow('exactly one element');
    backward(loss, undefined, { retainGraph: true });
    backward(loss);
    expect(grad(x)).toEqual(once.map((value) => value + value + value));
    expect(() => y.toArray()).toThrow('mul:');
  });

  test('a root that shares the memory of what it was made from', () => {
    const x = leaf([2, 3]);
    const product = mul(x, x);
    const root = select(reshape(product, [2, 1]), 0, 1);
    backward(root);
    expect(root.item()).toBe(9);
    expect(grad(x)).toEqual([0, 6]);
  });

  test('an error in a backward leaves the leaves and the pool usable', () => {
    const broken = defineOp({
      name: 'broken',
      forward: (x: Tensor) => ({ output: mul(x, 1), saved: {} }),
      backward(): never {
        throw new Error('no gradient today');
      },
    });
    const x = leaf([1, 2]);
    expect(() => backward(sum(broken(exp(x))))).toThrow('no gradient today');
    backward(sum(square(x)));
    expect(grad(x)).toEqual([2, 4]);
  });
});

test('a chain of 100,000 ops', () => {
  const x = leaf(1);
  let y: Tensor = x;
  for (let i = 0; i < 100_000; i++) y = add(y, 1e-5);
  expect(y.item()).toBeCloseTo(2, 6);
  backward(y);
  expect(x.grad!.item()).toBe(1);
});

test('training takes no more memory from the system after its first steps', () => {
  let taken = 0;
  const counting = new Pool((capacity) => {
    taken += capacity;
    return { buffer: new ArrayBuffer(capacity), byteOffset: 0 };
  });
  const before = allocateFrom(counting);
  try {
    const [w, x] = [randn([8, 8], { requiresGrad: true }), randn([4, 8])];
    const step = () => {
      w.zeroGrad();
      const hidden = matmul(x, transpose(w));
      backward(mean(mul(add(hidden, exp(mul(hidden, 0.1))), concat([hidden, hidden], 1).shape[0]!)));
      noGrad(() => copy_(w, add(w, mul(w.grad!, -0.01))));
    };
    for (let i = 0; i < 3; i++) step();
    expect(taken).toBeGreaterThan(0);
    const settled = taken;
    for (let i = 0; i < 50; i++) step();
    expect(taken).toBe(settled);
  } finally {
    allocateFrom(before);
  }
});
