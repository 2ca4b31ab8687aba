/** Views and broadcasting against a reference that computes every element from its index. */
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import * as ops from '../../src/ops/index.ts';
import '../../src/fluent.ts';
import {
  arange,
  broadcastShapes,
  isContiguous,
  type Shape,
  Storage,
  sizeOf,
  Tensor,
  tensor,
} from '../../src/tensor/index.ts';

/** A tensor as a function of the index, independent of strides. */
interface Reference {
  readonly shape: Shape;
  readonly at: (index: readonly number[]) => number;
}

const axesOf = (shape: Shape) => shape.map((_, axis) => axis);
const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const fullShapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

/** One random view of a view, done to the tensor and to the reference. */
type Step = (x: Tensor, reference: Reference) => [Tensor, Reference];

const transposed =
  (seed: number): Step =>
  (x, { shape, at }) => {
    const order = axesOf(shape).sort((a, b) => Math.sin(seed + a) - Math.sin(seed + b));
    const back = axesOf(shape).map((axis) => order.indexOf(axis));
    return [
      ops.permute(x, order),
      { shape: order.map((axis) => shape[axis]!), at: (index) => at(back.map((axis) => index[axis]!)) },
    ];
  };

const sliced =
  (seed: number): Step =>
  (x, { shape, at }) => {
    if (shape.length === 0) return [x, { shape, at }];
    const axis = seed % shape.length;
    const length = shape[axis]!;
    const step = [1, 2, -1, -2][seed % 4]!;
    const taken = Array.from({ length }, (_, i) => i).slice(seed % 3 === 0 ? 1 : 0);
    const kept = (step > 0 ? taken : taken.toReversed()).filter((_, i) => i % Math.abs(step) === 0);
    const range = step > 0 ? { start: seed % 3 === 0 ? 1 : 0 } : { end: seed % 3 === 0 ? 0 : -length - 1 };
    return [
      ops.slice(x, { axis: axis - shape.length, step, ...range }),
      {
        shape: shape.with(axis, kept.length),
        at: (index) => at(index.toSpliced(axis, 1, kept[index[axis]!]!)),
      },
    ];
  };

const expanded =
  (seed: number): Step =>
  (x, { shape, at }) => {
    const axis = seed % (shape.length + 1);
    const wide = shape.toSpliced(axis, 0, 3);
    return [
      ops.broadcastTo(ops.expandDims(x, axis), wide),
      { shape: wide, at: (index) => at(index.toSpliced(axis, 1)) },
    ];
  };

const steps: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom(transposed, sliced, expanded), fc.nat(1000))
  .map(([step, seed]) => step(seed));

const views = fc.tuple(shapes, fc.array(steps, { maxLength: 4 })).map(([shape, list]) => {
  const whole = ops.reshape(arange(sizeOf(shape), { dtype: 'float64' }), shape);
  const stride = axesOf(shape).map((axis) => sizeOf(shape.slice(axis + 1)));
  const start: [Tensor, Reference] = [
    whole,
    { shape, at: (index) => index.reduce((sum, i, axis) => sum + i * stride[axis]!, 0) },
  ];
  return { whole, view: list.reduce(([x, reference], step) => step(x, reference), start) };
});

describe('any chain of transposes, slices and broadcasts', () => {
  test('shares the memory of its source and reads what the reference reads', () => {
    fc.assert(
      fc.property(views, ({ whole, view: [x, reference] }) => {
        expect(x.storage).toBe(whole.storage);
        expect(x.shape).toEqual(reference.shape);
        expect([...x.toTypedArray()]).toEqual(allOf(reference));
        expect([...ops.clone(x).data]).toEqual(allOf(reference));
        if (x.isContiguous) expect([...x.data]).toEqual(allOf(reference));
      }),
      { numRuns: 300 },
    );
  });

  test('reshapes, and sums over random axes, as its copy does', () => {
    fc.assert(
      fc.property(views, fc.nat(100), ({ view: [x, reference] }, seed) => {
        expect([...ops.reshape(x, [x.size, 1]).data]).toEqual(allOf(reference));
        const axes = axesOf(x.shape).filter((axis) => (seed >> axis) & 1);
        const sums = new Map<string, number>();
        for (const index of indices(reference.shape)) {
          const key = `${index.filter((_, axis) => !axes.includes(axis))}`;
          sums.set(key, (sums.get(key) ?? 0) + reference.at(index));
        }
        const total = ops.sum(x, axes);
        expect(total.shape).toEqual(x.shape.filter((_, axis) => !axes.includes(axis)));
        if (x.size > 0) expect([...total.toTypedArray()]).toEqual([...sums.values()]);
        else expect(total.toTypedArray().every((value) => value === 0)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('a result of arithmetic on views is that of the elements', () => {
    fc.assert(
      fc.property(views, ({ view: [x, reference] }) => {
        const y = ops.sub(ops.mul(x, 2), ops.expandDims(x, 0));
        expect([...y.toTypedArray()]).toEqual(allOf(reference));
      }),
      { numRuns: 100 },
    );
  });
});

describe('broadcasting', () => {
  /** Two shapes that broadcast: the common one with axes dropped at the left or set to 1. */
  const pairs = fullShapes.chain((shape) => {
    const one = fc.tuple(
      fc.nat(shape.length),
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
    );
    return fc
      .tuple(one, one)
      .map((both) => both.map(([drop, flat]) => shape.map((d, i) => (flat[i] ? 1 : d)).slice(drop)));
  });

  test('adds element by element', () => {
    fc.assert(
      fc.property(pairs, ([first, second]) => {
        const [a, b] = [numbers(first!), numbers(second!)];
        const shape = broadcastShapes('test', a.shape, b.shape);
        const y = ops.add(a, ops.mul(b, 1000));
        const read = (x: Tensor, index: readonly number[]) =>
          x.array.get(...index.slice(index.length - x.rank).map((i, axis) => (x.shape[axis] === 1 ? 0 : i)));
        expect(y.shape).toEqual(shape);
        expect([...y.data]).toEqual(indices(shape).map((index) => read(a, index) + 1000 * read(b, index)));
      }),
      { numRuns: 200 },
    );
  });

  test('stretched axes have stride 0', () => {
    expect(ops.broadcastTo(numbers([3, 1]), [2, 3, 4]).stride).toEqual([0, 1, 0]);
  });

  test('is symmetric, and fails when dimensions differ', () => {
    expect(broadcastShapes('test', [2, 1, 3], [4, 1])).toEqual([2, 4, 3]);
    expect(broadcastShapes('test', [0], [1])).toEqual([0]);
    expect(() => broadcastShapes('test', [0], [2])).toThrow('test: shapes broadcast');
  });
});

test('split and concat are inverse, whatever the sizes, the axis and the strides', () => {
  fc.assert(
    fc.property(fullShapes, fc.nat(10), fc.integer({ min: 1, max: 5 }), (shape, seed, size) => {
      const x = ops.transpose(numbers(shape), 0, -1);
      const axis = seed % shape.length;
      const parts = ops.split(x, size, axis);
      for (const part of parts) expect(part.storage).toBe(x.storage);
      expect(ops.concat(parts, axis).toArray()).toEqual(x.toArray());
      const selected = Array.from({ length: x.shape[axis]! }, (_, i) => ops.select(x, axis, i));
      expect(ops.stack(selected, axis).toArray()).toEqual(x.toArray());
    }),
  );
});

test('isContiguous: the elements lie in row-major order without gaps', () => {
  fc.assert(
    fc.property(views, ({ view: [x, reference] }) => {
      fc.pre(x.size > 1);
      const flat = [...x.toTypedArray()];
      const consecutive = flat.every((value, i) => i === 0 || value === flat[i - 1]! + 1);
      expect(isContiguous(x.shape, x.stride)).toBe(consecutive);
      expect(allOf(reference)).toEqual(flat);
    }),
    { numRuns: 200 },
  );
});

function numbers(shape: Shape): Tensor {
  return ops.reshape(arange(sizeOf(shape), { dtype: 'float64' }), shape);
}

function indices(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (list, length) => list.flatMap((index) => Array.from({ length }, (_, i) => [...index, i])),
    [[]],
  );
}

function allOf({ shape, at }: Reference): number[] {
  return indices(shape).map(at);
}

describe('a tensor stays within its storage', () => {
  const six = () => arange(6);

  test.each<[string, () => Tensor]>([
    ['a shape that is too large', () => six().strided([7], [1])],
    ['an offset that is too large', () => six().strided([2], [1], 5)],
    ['an offset below 0', () => six().strided([1], [1], -1)],
    ['strides that reach too far', () => six().strided([2, 2], [5, 1])],
    ['a negative stride that falls off the front', () => six().strided([3], [-1], 1)],
    ['a fraction in the shape', () => six().strided([1.5], [1])],
    ['a fraction in the strides', () => six().strided([2], [0.5])],
    ['a fraction as offset', () => six().strided([1], [1], 0.5)],
    ['a dimension below 0', () => six().strided([-1], [1])],
    ['NaN', () => six().strided([Number.NaN], [1])],
    ['more strides than axes', () => six().strided([2], [1, 1])],
    ['fewer strides than axes', () => six().strided([2, 2], [1])],
    ['the constructor', () => new Tensor(new Storage(new Float32Array(6), 'test'), [7])],
    ['an ndarray', () => Tensor.overNdarray(ndarray(new Float32Array(6), [3, 3]))],
  ])('%s is an error', (_name, make) => {
    expect(make).toThrow('stay within the 6 elements of the storage. got shape (');
  });

  test('the extremes are inside', () => {
    expect(six().strided([6], [-1], 5).toArray()).toEqual([5, 4, 3, 2, 1, 0]);
    expect(six().strided([2, 3], [0, 2], 1).toArray()).toEqual([[1, 3, 5], [1, 3, 5]]); // biome-ignore format: rows
    expect(six().strided([0, 99], [1, 1], 6).toArray()).toEqual([]);
  });

  test('what every index of a random view reaches, and nothing else, decides', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -3, max: 3 })), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 7 }), (axes, offset) => {
        let reached = [offset];
        for (const [dimension, step] of axes) {
          reached = reached.flatMap((at) => Array.from({ length: dimension }, (_, i) => at + i * step));
        }
        const make = () => six().strided(axes.map(([d]) => d), axes.map(([, step]) => step), offset); // biome-ignore format: one line
        if (reached.every((at) => at >= 0 && at < 6)) expect([...make().toTypedArray()]).toEqual(reached);
        else expect(make).toThrow('stay within the 6 elements');
      }),
    );
  });
});

describe('view, PyTorch’s reshape without a copy', () => {
  test('passes gradients and shares memory', () => {
    const x = tensor([1, 2, 3, 4], { requiresGrad: true });
    const y = x.view([2, -1]);
    expect(y.storage).toBe(x.storage);
    ops.mul(y, y).backward(tensor([[1, 1], [1, 1]])); // biome-ignore format: rows
    expect(x.grad!.toArray()).toEqual([2, 4, 6, 8]);
  });

  test('refuses what it would have to copy', () => {
    expect(() => ops.transpose(tensor([[1, 2], [3, 4]])).view([4])).toThrow(
      'view: the tensor is contiguous. got shape (2, 2) with strides (1, 2). take reshape, which copies where it must.',
    ); // biome-ignore format: rows
  });
});
