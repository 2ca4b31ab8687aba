import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backward, isRecording, noGrad } from '../../src/autograd/index.ts';
import { add, exp, mul, reshape, sum } from '../../src/ops/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import { poisonReleased } from '../../src/tensor/storage.ts';

beforeEach(() => poisonReleased(true));
afterEach(() => poisonReleased(false));

const x = tensor([1, 2], { requiresGrad: true });

describe('noGrad', () => {
  test('records nothing, and says so', () => {
    expect(isRecording()).toBe(true);
    const y = noGrad(() => {
      expect(isRecording()).toBe(false);
      return mul(x, 2);
    });
    expect(y.requiresGrad).toBe(false);
    expect(isRecording()).toBe(true);
  });

  test('frees everything but what it returns: alone, in arrays, in objects, as a view', () => {
    const freed: Tensor[] = [];
    const temporary = () => {
      freed.push(mul(x, 5));
      return freed.at(-1)!;
    };
    const alone = noGrad(() => add(temporary(), 1));
    const inside = noGrad(() => ({
      list: [[add(temporary(), 2)]],
      view: reshape(add(temporary(), 3), [2, 1]),
      text: 'a',
    }));
    expect(alone.toArray()).toEqual([6, 11]);
    expect(inside.list[0]![0]!.toArray()).toEqual([7, 12]);
    expect(inside.view.toArray()).toEqual([[8], [13]]);
    expect(freed).toHaveLength(3);
    for (const y of freed) expect(() => y.toArray()).toThrow('mul: a result is read before it is freed');
  });

  test('nested: what the inner one returns belongs to the outer one', () => {
    let inner: Tensor | undefined;
    const outer = noGrad(() => {
      inner = noGrad(() => exp(mul(x, 0)));
      expect(inner.toArray()).toEqual([1, 1]);
      return add(inner, 1);
    });
    expect(outer.toArray()).toEqual([2, 2]);
    expect(() => inner!.toArray()).toThrow('exp:');
  });

  test('an error ends it properly', () => {
    let made: Tensor | undefined;
    expect(() =>
      noGrad(() => {
        made = mul(x, 2);
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(isRecording()).toBe(true);
    expect(() => made!.toArray()).toThrow('mul:');
  });

  test('is synchronous', () => {
    expect(() => noGrad(async () => 1)).toThrow('noGrad: the function is synchronous. got a promise.');
  });

  test('a result may enter a graph', () => {
    const factor = noGrad(() => exp(mul(x, 0)));
    x.zeroGrad();
    backward(sum(mul(x, factor)));
    expect(x.grad!.toArray()).toEqual([1, 1]);
    expect(factor.toArray()).toEqual([1, 1]);
  });

  test('backward runs inside it, and its gradients stay', () => {
    x.zeroGrad();
    const loss = sum(mul(x, x));
    noGrad(() => backward(loss));
    expect(x.grad!.toArray()).toEqual([2, 4]);
  });

  test('objects that contain themselves end the search', () => {
    const ring: { self?: unknown; y?: Tensor } = {};
    ring.self = ring;
    noGrad(() => {
      ring.y = mul(x, 2);
      return ring;
    });
    expect(ring.y!.toArray()).toEqual([2, 4]);
  });
});
