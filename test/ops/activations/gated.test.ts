import { describe, expect, test } from 'vitest';
import { gradcheck } from '../../../src/autograd/index.ts';
import { geglu, gelu, glu, relu, sigmoid, silu, swiglu } from '../../../src/ops/index.ts';
import { randn, tensor } from '../../../src/tensor/index.ts';
import { expectGolden } from '../../golden/nnOps.ts';

describe.each([
  ['glu', glu, sigmoid],
  ['geglu', geglu, gelu],
  ['swiglu', swiglu, silu],
] as const)('%s', (name, f, gate) => {
  test('value and gradient are those of PyTorch', () => expectGolden(name, f));

  test('gradcheck, also of a strided view', () => {
    gradcheck(f, [randn([2, 3, 6], { dtype: 'float64' })]);
  });

  test('the first half is the value, the second the gate', () => {
    const y = f(tensor([2, -3, 0.5, 1.5], { dtype: 'float64' }));
    const g = gate(tensor([0.5, 1.5], { dtype: 'float64' })).data;
    expect([...y.data]).toEqual([2 * g[0]!, -3 * g[1]!]);
  });

  test('a strided view gives what its copy gives', () => {
    const x = randn([4, 3]).strided([3, 4], [1, 3]);
    expect(f(x).toArray()).toEqual(f(tensor(x.toArray())).toArray());
  });

  test('says that it is gated, and its name', () => {
    expect(f.gated).toBe(true);
    expect(f.name).toBe(name);
    expect('gated' in relu).toBe(false);
  });

  test('an odd axis is an error', () => {
    expect(() => f(randn([2, 5]))).toThrow(
      `${name}: the last axis is even: a value half and a gate half. got (2, 5).`,
    );
    expect(() => f(tensor(1))).toThrow('got ()');
  });
});
