import { describe, expect, test } from 'vitest';
import { backward, defineOp, gradcheck } from '../../src/autograd/index.ts';
import { add, exp, mul, sum } from '../../src/ops/index.ts';
import { empty, randn, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';

const float64 = { dtype: 'float64' } as const;

/** x³ over typed arrays, as a user may write it in a file of their own. */
const cube = defineOp({
  name: 'cube',
  forward(x: Tensor) {
    const output = empty(x.shape, x.dtype, 'cube');
    const [to, from] = [output.data, x.toTypedArray()];
    for (let i = 0; i < to.length; i++) to[i] = from[i]! ** 3;
    return { output, saved: { x } };
  },
  backward: (dy, { x }) => [mul(dy, mul(3, mul(x, x)))],
});

test('a user’s own op: its name, its gradient, its place in a graph', () => {
  expect(cube.name).toBe('cube');
  gradcheck(cube, [randn([2, 3], float64)]);
  gradcheck((x) => exp(cube(add(x, 1))), [randn([3], float64)]);
});

test('lists, plain values and missing arguments', () => {
  const weighted = defineOp({
    name: 'weighted',
    forward(tensors: readonly Tensor[], weights: readonly number[], offset: Tensor | null = null) {
      const terms = tensors.map((x, i) => mul(x, weights[i]!));
      const total = terms.reduce((a, b) => add(a, b));
      return { output: offset ? add(total, offset) : total, saved: { weights } };
    },
    backward: (dy, { weights }, needs) => [
      weights.map((weight) => mul(dy, weight)),
      null,
      needs[2] ? dy : null,
    ],
  });
  const [a, b, c] = [randn([2], float64), randn([2], float64), randn([1], float64)];
  gradcheck((p, q, r) => weighted([p, q], [2, -3], r), [a, b, c]);
  gradcheck((p, q) => weighted([p, q, p], [2, -3, 0.5]), [a, b]);
});

test('an intermediate that is saved lives until backward; one that is not is freed', () => {
  const leaked: Tensor[] = [];
  const op = defineOp({
    name: 'composite',
    forward(x: Tensor) {
      const kept = exp(x);
      leaked.push(mul(x, 3));
      return { output: mul(kept, kept), saved: { list: [kept] } };
    },
    backward: (dy, { list }) => [mul(dy, mul(2, mul(list[0]!, list[0]!)))],
  });
  gradcheck(op, [randn([3], float64)]);
  expect(() => leaked[0]!.toArray()).toThrow('mul: a result is read before it is freed');
});

test('an op that returns its argument makes a tensor of its own', () => {
  const same = defineOp({
    name: 'same',
    forward: (x: Tensor) => ({ output: x, saved: {} }),
    backward: (dy) => [mul(dy, 2)],
  });
  const x = tensor([1, 2], { requiresGrad: true });
  const y = same(x);
  expect(y).not.toBe(x);
  backward(sum(same(y)));
  expect(x.node).toBeNull();
  expect(x.grad!.toArray()).toEqual([4, 4]);
});

test('an op without backward passes no gradient', () => {
  const sign = defineOp({ name: 'sign', forward: (x: Tensor) => ({ output: mul(x, 0), saved: {} }) });
  expect(sign(tensor([1], { requiresGrad: true })).requiresGrad).toBe(false);
});

describe('a wrong gradient is found', () => {
  const wrong = (name: string, gradient: (dy: Tensor, x: Tensor) => Tensor) =>
    defineOp({
      name,
      forward: (x: Tensor) => ({ output: mul(x, mul(x, 1)), saved: { x } }),
      backward: (dy, { x }) => [gradient(dy, x)],
    });

  test('its shape does not fit', () => {
    const op = wrong('thin', () => zeros([5], float64));
    expect(() => backward(sum(op(tensor([1, 2], { ...float64, requiresGrad: true }))))).toThrow(
      "backward of thin: a gradient has its input's shape, (2), or one that this broadcasts to. got (5).",
    );
  });

  test('its dtype does not fit', () => {
    const op = wrong('half', () => zeros([2]));
    expect(() => backward(sum(op(tensor([1, 2], { ...float64, requiresGrad: true }))))).toThrow(
      'backward of half: the gradient of input 0 is float64, as the input. got float32.',
    );
  });

  test('gradcheck names op, input, index, got and expected', () => {
    const op = wrong('squareWithoutTwo', (dy, x) => mul(dy, x));
    expect(() => gradcheck(op, [tensor([3, 0], float64)])).toThrow(
      /^gradcheck of squareWithoutTwo: backward is the derivative of forward\. got 3, expected (6|5\.99|6\.00)\d* ?\(input 0, element 0, output 0\)\.$/,
    );
    const second = defineOp({
      name: 'second',
      forward: (a: Tensor, b: Tensor) => ({ output: mul(a, b), saved: { a, b } }),
      backward: (dy, { b }) => [mul(dy, b), dy],
    });
    expect(() => gradcheck(second, [tensor([1], float64), tensor([2, 3], float64)])).not.toThrow();
    expect(() => gradcheck(second, [tensor([4], float64), tensor([2, 3], float64)])).toThrow(
      'input 1, element 0, output 0',
    );
  });

  test('also in a problem too large for a whole Jacobian', () => {
    const op = wrong('large', (dy, x) => mul(dy, x));
    expect(() => gradcheck(op, [randn([100], float64)])).toThrow('input 0, a random direction');
    expect(() =>
      gradcheck(
        wrong('nan', (dy) => mul(dy, Number.NaN)),
        [randn([100], float64)],
      ),
    ).toThrow('got NaN');
  });

  test('gradcheck wants float64, something to check, and known options', () => {
    expect(() => gradcheck(cube, [tensor([1], { dtype: 'int32' })])).toThrow(
      'gradcheck of cube: some input is float64',
    );
    expect(() => gradcheck(cube, [tensor([1], float64)], { tol: 1 } as never)).toThrow(
      'gradcheck: every option is known. got "tol". did you mean "atol"?',
    );
    expect(() => gradcheck(cube, [tensor([1])])).toThrow('gradcheck of cube: inputs are float64');
  });
});

describe('a backward that does not fit its op', () => {
  const giving = (gradients: (dy: Tensor) => unknown) =>
    defineOp({
      name: 'product',
      forward: (a: Tensor, b: Tensor, _scale?: number) => ({ output: mul(a, b), saved: {} }),
      backward: (dy) => gradients(dy) as Tensor[],
    });
  const joined = (gradients: (dy: Tensor) => unknown) => {
    const op = defineOp({
      name: 'joined',
      forward: (list: readonly Tensor[]) => ({ output: add(list[0]!, list[1]!), saved: {} }),
      backward: (dy) => [gradients(dy) as Tensor[]],
    });
    return (a: Tensor, b: Tensor) => op([a, b]);
  };
  const inputs = (): [Tensor, Tensor] => [tensor([1, 2], float64), tensor([3, 4], float64)];

  test.each<[string, (a: Tensor, b: Tensor) => Tensor, string]>([
    ['too few', giving((dy) => [dy]), 'product: the gradient of argument 1 is a tensor or null. got undefined. null says that no gradient flows there.'],
    ['too many', giving((dy) => [dy, dy, null, dy]), 'product: it gives a list, with one gradient for each argument. got 4 for 2.'],
    ['none', giving(() => undefined), 'product: it gives a list, with one gradient for each argument. got undefined.'],
    ['a tensor', giving((dy) => dy), 'product: it gives a list, with one gradient for each argument. got Tensor of shape (2).'],
    ['a number', giving((dy) => [dy, 1]), 'product: the gradient of argument 1 is a tensor or null. got 1.'],
    ['a typed array', giving((dy) => [dy.toTypedArray(), dy]), 'product: the gradient of argument 0 is a tensor or null. got Float64Array.'],
    ['a list for a tensor', giving((dy) => [[dy], dy]), 'product: the gradient of argument 0 is a tensor or null. got [Tensor of shape (2)].'],
    ['too short a list', joined((dy) => [dy]), 'joined: the gradient of argument 0 is a list of 2, as the argument. got a list of 1.'],
    ['a tensor for a list', joined((dy) => dy), 'joined: the gradient of argument 0 is a list of 2, as the argument. got Tensor of shape (2).'],
    ['a hole in a list', joined((dy) => [dy, undefined]), 'joined: the gradient of argument 0[1] is a tensor or null. got undefined.'],
    ['no list', joined(() => undefined), 'joined: the gradient of argument 0[0] is a tensor or null. got undefined.'],
  ])('%s: backward and gradcheck name the op', (_name, op, message) => {
    expect(() => gradcheck(op, inputs())).toThrow(`backward of ${message}`);
    const [a, b] = inputs();
    a.requiresGrad = b.requiresGrad = true;
    expect(() => backward(sum(op(a, b)))).toThrow(`backward of ${message}`);
  }); // biome-ignore format: a table

  test('null is no gradient, and what wants none may be left out', () => {
    const [a, b] = inputs();
    a.requiresGrad = true;
    backward(sum(giving((dy) => [dy])(a, b)));
    expect(a.grad!.toArray()).toEqual([1, 1]);
    b.requiresGrad = true;
    backward(sum(giving((dy) => [dy, null, null])(a, b)));
    backward(sum(joined(() => null)(a, b)));
    expect([a.grad!.toArray(), b.grad]).toEqual([[2, 2], null]);
  });

  test('a forward that gives no { output, saved } is an error', () => {
    const op = defineOp({ name: 'bare', forward: (x: Tensor) => mul(x, 2) as never, backward: (dy) => [dy] });
    expect(() => op(tensor([1]))).toThrow(
      'bare: forward gives { output, saved }, a tensor and an object. got Tensor',
    );
    const empty = defineOp({ name: 'unsaved', forward: (x: Tensor) => ({ output: mul(x, 2) }) as never });
    expect(() => empty(tensor([1]))).toThrow('unsaved: forward gives { output, saved }');
  });
});
