import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backward, defineOp, detectAnomaly, noGrad } from '../../src/autograd/index.ts';
import {
  add,
  concat,
  copy_,
  exp,
  fill_,
  log,
  mul,
  select,
  softmax,
  square,
  sum,
} from '../../src/ops/index.ts';
import { type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { poisonReleased } from '../../src/tensor/storage.ts';

// Released blocks are filled with NaN: a stale read anywhere below shows.
beforeEach(() => poisonReleased(true));
afterEach(() => poisonReleased(false));

const leaf = (values: number[] | number) => tensor(values, { dtype: 'float64', requiresGrad: true });
const grad = (x: Tensor) => x.grad!.toArray();

describe('accumulation', () => {
  test('a leaf adds up over two backwards, until zeroGrad', () => {
    const x = leaf([1, 2]);
    backward(sum(mul(x, 3)));
    backward(sum(square(x)));
    expect(grad(x)).toEqual([5, 7]);
    x.zeroGrad();
    expect(x.grad).toBeNull();
    backward(sum(x));
    expect(grad(x)).toEqual([1, 1]);
  });

  test('a diamond', () => {
    const x = leaf([2]);
    const y = mul(x, x);
    backward(sum(add(mul(y, 3), exp(y))));
    expect(x.grad!.item()).toBeCloseTo((3 + Math.exp(4)) * 4, 10);
  });

  test('nested diamonds grow the number of paths exponentially, the work linearly', () => {
    const x = leaf(1);
    let y: Tensor = x;
    for (let i = 0; i < 60; i++) y = add(y, y);
    backward(y);
    expect(x.grad!.item()).toBe(2 ** 60);
  });

  test('a tensor used many times', () => {
    const x = leaf([1, -1]);
    const inner = mul(x, 2);
    let total = sum(inner);
    for (let i = 1; i < 50; i++) total = add(total, sum(mul(inner, i)));
    backward(total);
    expect(grad(x)).toEqual([2 * (1 + 1225), 2 * (1 + 1225)]);
  });

  test('a leaf as the root', () => {
    const x = leaf([1, 2]);
    backward(x, tensor([5, 6], { dtype: 'float64' }));
    backward(x, tensor([5, 6], { dtype: 'float64' }));
    expect(grad(x)).toEqual([10, 12]);
  });

  test('inputs that need no gradient get none', () => {
    const [x, plain] = [leaf([1]), tensor([2], { dtype: 'float64' })];
    backward(sum(mul(x, plain)));
    expect(plain.grad).toBeNull();
    expect(sum(plain).requiresGrad).toBe(false);
  });
});

describe('gradients that share memory do not disturb each other', () => {
  test('two leaves of one sum', () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    backward(sum(mul(add(a, b), 2)));
    expect(a.grad!.storage).not.toBe(b.grad!.storage);
    fill_(a.grad!, 9);
    expect(grad(b)).toEqual([2, 2]);
    backward(sum(a));
    expect(grad(a)).toEqual([10, 10]);
    expect(grad(b)).toEqual([2, 2]);
  });

  test('x + x, of a leaf and of a result, then used again', () => {
    const x = leaf([1, 2]);
    backward(sum(add(x, x)));
    expect(grad(x)).toEqual([2, 2]);
    const y = mul(x, 1);
    backward(sum(mul(add(add(y, y), y), 2)));
    expect(grad(x)).toEqual([8, 8]);
  });

  test('views of one gradient: concat of the same tensor, and its transposes', () => {
    const x = leaf([1, 2]);
    const y = mul(x, 1);
    backward(sum(mul(concat([y, y, x]), tensor([1, 2, 3, 4, 5, 6], { dtype: 'float64' }))));
    expect(grad(x)).toEqual([1 + 3 + 5, 2 + 4 + 6]);
  });

  test('a gradient that is handed in stays as it is', () => {
    const [x, upstream] = [leaf([1, 2]), tensor([1, 10], { dtype: 'float64' })];
    backward(x, upstream);
    backward(add(x, x), upstream);
    expect(upstream.toArray()).toEqual([1, 10]);
    expect(grad(x)).toEqual([3, 30]);
  });

  test('a leaf’s own gradient may be handed in', () => {
    const [x, z] = [leaf([1]), leaf([1])];
    backward(mul(x, 3));
    backward(add(x, z), x.grad!);
    expect(grad(x)).toEqual([6]);
    expect(grad(z)).toEqual([3]);
  });

  test('one fresh tensor as the gradient of a leaf and of a result: the leaf may add to its own', () => {
    const double = defineOp({
      name: 'double',
      forward: (a: Tensor, b: Tensor) => ({ output: mul(add(a, b), 2), saved: {} }),
      backward(dy) {
        const both = mul(dy, 2);
        return [both, both];
      },
    });
    const [x, w] = [leaf([1, 2]), leaf([3, 4])];
    const result = mul(x, 5);
    const between = mul(w, 7);
    backward(sum(add(double(w, result), between)));
    expect(grad(w)).toEqual([9, 9]);
    expect(grad(x)).toEqual([10, 10]);
  });

  test('an op may return its own output as a gradient, which outlives its use as a result', () => {
    const halfSquare = defineOp({
      name: 'halfSquare',
      forward(x: Tensor) {
        const y = mul(x, 1);
        return { output: y, saved: { y } };
      },
      backward: (_dy, { y }) => [y],
    });
    const x = leaf([1, 2]);
    backward(sum(halfSquare(mul(x, 3))));
    expect(grad(x)).toEqual([9, 18]);
  });

  test('an op may return a saved tensor as its gradient', () => {
    const factor = tensor([2, 3], { dtype: 'float64' });
    const scaled = defineOp({
      name: 'scaled',
      forward: (x: Tensor) => ({ output: mul(x, factor), saved: { factor } }),
      backward: (_dy, saved) => [saved.factor],
    });
    const x = leaf([1, 1]);
    backward(sum(scaled(x)));
    backward(sum(scaled(x)));
    expect(grad(x)).toEqual([4, 6]);
    expect(factor.toArray()).toEqual([2, 3]);
  });
});

describe('bad calls', () => {
  test('a root of several elements needs a gradient of its shape and dtype', () => {
    const y = mul(leaf([1, 2]), 2);
    expect(() => backward(y)).toThrow(
      'backward: the root has one element, or its gradient is given. got shape (2). call backward on a loss',
    );
    expect(() => backward(y, tensor([1], { dtype: 'float64' }))).toThrow(
      "the gradient has the root's shape and dtype, (2) float64. got (1) float64.",
    );
    expect(() => backward(y, tensor([1, 2]))).toThrow('got (2) float32');
    backward(y, tensor([1, 2], { dtype: 'float64' }));
  });

  test('an unknown option', () => {
    expect(() => backward(sum(leaf([1])), undefined, { retain: true } as never)).toThrow(
      'backward: every option is known. got "retain".',
    );
  });

  test('a root without gradient', () => {
    expect(() => backward(sum(zeros([2])))).toThrow('backward: the root requires grad.');
    const x = leaf([1]);
    expect(() => backward(noGrad(() => sum(x)))).toThrow('compute outside noGrad');
  });
});

describe('changes in place are noticed', () => {
  test('of an input that was saved', () => {
    const x = leaf([1, 2]);
    const loss = sum(mul(x, x));
    noGrad(() => copy_(x, tensor([5, 5])));
    expect(() => backward(loss)).toThrow(
      'backward of mul: a tensor saved for backward is not changed in place before it. got a tensor of shape (2) changed 1 time(s) since.',
    );
  });

  test('through a view, and of a saved output', () => {
    const x = leaf([1, 2]);
    const y = softmax(x);
    const loss = sum(y);
    noGrad(() => fill_(select(y, 0, 0), 0));
    expect(() => backward(loss)).toThrow('backward of softmax: a tensor saved');
  });

  test('but not of what no backward reads', () => {
    const x = leaf([1, 2]);
    const loss = sum(add(x, 1));
    noGrad(() => fill_(x, 0));
    backward(loss);
    expect(grad(x)).toEqual([1, 1]);
  });
});

describe('retained gradients', () => {
  test('of a result, of the root, alongside the leaves', () => {
    const x = leaf([1, 2]);
    const y = square(x);
    const loss = sum(add(y, mul(y, 2)));
    y.keepsGrad = true;
    loss.keepsGrad = true;
    backward(loss);
    expect(grad(y)).toEqual([3, 3]);
    expect(loss.grad!.item()).toBe(1);
    expect(grad(x)).toEqual([6, 12]);
  });
});

test('detectAnomaly names the op whose gradient is NaN', () => {
  const x = leaf([0]);
  const loss = () => sum(mul(log(mul(x, 0)), 0));
  expect(() => detectAnomaly(() => backward(loss()))).toThrow(
    'backward of log: gradients hold no NaN (detectAnomaly). got NaN in the gradient of input 0.',
  );
  expect(() => backward(loss())).not.toThrow();
});
