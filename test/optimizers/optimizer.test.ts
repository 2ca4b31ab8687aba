import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Adam,
  AdamW,
  type Group,
  type GroupInput,
  Optimizer,
  type ParametersOrGroups,
  SGD,
  zerosLike,
} from '../../optimizers/index.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { type FloatArray, tensor } from '../../src/tensor/index.ts';

const parameter = (values: number[]) =>
  new Parameter(tensor(values, { dtype: 'float64' }), { role: 'weight' });
const setGrad = (p: Parameter, values: number[]) => {
  p.grad = tensor(values, { dtype: p.dtype });
};

interface LionOptions {
  readonly lr?: number;
  readonly betas?: readonly [number, number];
  readonly weightDecay?: number;
}

/** Chen et al., arXiv:2302.06675: what a user writes for an optimizer of their own. */
class Lion extends Optimizer<LionOptions, 'm'> {
  constructor(params: ParametersOrGroups<LionOptions>, options: LionOptions = {}) {
    super(params, options, { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0 });
  }

  protected override initialState(p: Parameter) {
    return { m: zerosLike(p) };
  }

  protected override update(
    w: FloatArray,
    g: FloatArray,
    { m }: Record<'m', FloatArray>,
    { lr, betas: [beta1, beta2], weightDecay }: Group<LionOptions>,
  ): void {
    for (let i = 0; i < w.length; i++) {
      const direction = Math.sign(beta1 * m[i]! + (1 - beta1) * g[i]!);
      w[i]! -= lr * (direction + weightDecay * w[i]!);
      m[i] = beta2 * m[i]! + (1 - beta2) * g[i]!;
    }
  }
}

/** What needs the shape: each row of a matrix goes as far as the others. */
class ByRow extends Optimizer<{ readonly lr?: number }> {
  constructor(params: ParametersOrGroups<{ readonly lr?: number }>) {
    super(params, {}, { lr: 0.5 });
  }

  protected override initialState() {
    return {};
  }

  protected override update(
    w: FloatArray,
    g: FloatArray,
    _state: object,
    { lr }: Group<{ lr?: number }>,
    _step: number,
    { shape, role }: Parameter,
  ) {
    const columns = role === 'bias' ? w.length : shape.at(-1)!;
    for (let i = 0; i < w.length; i++) {
      const start = i - (i % columns);
      w[i]! -= (lr * g[i]!) / Math.hypot(...g.slice(start, start + columns));
    }
  }
}

describe('step', () => {
  test('tells the update of its parameter', () => {
    const matrix = new Parameter(tensor([[0, 0], [0, 0]], { dtype: 'float64' }), { role: 'weight' }); // biome-ignore format: a matrix
    const bias = new Parameter(tensor([[0], [0]], { dtype: 'float64' }), { role: 'bias' });
    matrix.grad = tensor([[3, 4], [0, 10]], { dtype: 'float64' }); // biome-ignore format: a matrix
    bias.grad = tensor([[3], [4]], { dtype: 'float64' });
    new ByRow([matrix, bias]).step();
    expect(matrix.toArray()).toEqual([[-0.3, -0.4], [0, -0.5]]); // biome-ignore format: a matrix
    expect(bias.toArray()).toEqual([[-0.3], [-0.4]]);
  });

  test('passes over parameters without a gradient, and counts', () => {
    const [a, b] = [parameter([1]), parameter([1])];
    const optimizer = new AdamW([a, b], { lr: 0.1 });
    setGrad(a, [2]);
    optimizer.step();
    expect(b.data[0]).toBe(1);
    expect(a.data[0]).not.toBe(1);
    expect(optimizer.steps).toBe(1);
    expect([a.storage.version, b.storage.version]).toEqual([1, 0]);
    optimizer.zeroGrad();
    expect(a.grad).toBeNull();
  });

  test('the gradient fits the parameter', () => {
    const p = parameter([1, 2]);
    setGrad(p, [1]);
    expect(() => new SGD([p]).step()).toThrow(
      'SGD.step: the gradient is float64 of shape (2). got float64 of shape (1).',
    );
  });

  test('an optimizer of your own is a state and an update', () => {
    const p = parameter([1, -1]);
    const optimizer = new Lion([p], { lr: 0.1, betas: [0.5, 0.5], weightDecay: 0.1 });
    setGrad(p, [3, -1]);
    optimizer.step(); // m = 0: sign(g) = (1, −1); m ← (1.5, −0.5)
    setGrad(p, [-1, 0]);
    optimizer.step(); // ½m + ½g = (0.25, −0.25): the old direction still wins
    const twice = (w: number) => {
      const once = w - 0.1 * (Math.sign(w) + 0.1 * w);
      return once - 0.1 * (Math.sign(w) + 0.1 * once);
    };
    expect(p.data[0]).toBeCloseTo(twice(1), 14);
    expect(p.data[1]).toBeCloseTo(twice(-1), 14);
    expect(() => new Lion([p], { betas: [0.9, 1] })).toThrow(
      'Lion: betas is two numbers in [0, 1). got [0.9, 1].',
    );
  });
});

describe('decay', () => {
  const zeroGradientSteps = (optimizer: Optimizer<object, string>, p: Parameter) => {
    const ratios: number[] = [];
    for (let step = 0; step < 5; step++) {
      const before = p.data[0]!;
      setGrad(p, [0]);
      optimizer.step();
      ratios.push(p.data[0]! / before);
    }
    return ratios;
  };

  test('AdamW shrinks a weight without gradient by 1 − lr·λ at each step, whatever its size', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (w, lambda) => {
          const p = parameter([w]);
          for (const ratio of zeroGradientSteps(new AdamW([p], { lr: 0.1, weightDecay: lambda }), p)) {
            expect(ratio).toBeCloseTo(1 - 0.1 * lambda, 14);
          }
        },
      ),
    );
  });

  test('Adam with L2 moves it by lr, whatever λ is', () => {
    for (const lambda of [0.001, 0.1, 1]) {
      const p = parameter([10]);
      const [first] = zeroGradientSteps(new Adam([p], { lr: 0.1, weightDecay: lambda }), p);
      expect(first).toBeCloseTo(1 - 0.1 / 10, 6);
    }
  });
});

describe('learning rates', () => {
  test('a group of its own rate keeps its ratio to the base under a schedule, also through 0', () => {
    const [a, b] = [parameter([0]), parameter([0])];
    const optimizer = new SGD([{ params: [a] }, { params: [b], lr: 1e-3 }], { lr: 1e-2 });
    const rates = () => optimizer.groups.map(({ lr }) => lr);
    expect(rates()).toEqual([1e-2, 1e-3]);
    optimizer.lr = 0;
    expect(rates()).toEqual([0, 0]);
    optimizer.lr = 0.5;
    expect(rates()).toEqual([0.5, 0.05]);
    setGrad(a, [1]);
    setGrad(b, [1]);
    optimizer.step();
    expect([a.data[0], b.data[0]]).toEqual([-0.5, -0.05]);
    optimizer.groups[1]!.lr = 1;
    optimizer.lr = 0.25;
    expect(rates()).toEqual([0.25, 0.5]);
  });

  test('are finite and not negative', () => {
    const p = parameter([0]);
    const optimizer = new SGD([p], { lr: 0 });
    expect(() => new SGD([p], { lr: -1 })).toThrow('SGD: lr is a finite number ≥ 0. got -1.');
    expect(() => {
      optimizer.lr = Number.NaN;
    }).toThrow('SGD: lr is a finite number ≥ 0. got NaN.');
    expect(() => {
      optimizer.groups[0]!.lr = 1;
    }).toThrow(
      'SGD, all: a learning rate of its own is a multiple of the base rate. got 1 over a base of 0.',
    );
    expect(() => new SGD([{ params: [p], name: 'head', lr: -2 }])).toThrow(
      'SGD, head: lr is a finite number ≥ 0. got -2.',
    );
    expect(optimizer.lr).toBe(0);
  });
});

describe('groups', () => {
  const p = parameter([1]);

  test('hold every option and can be changed between steps', () => {
    const optimizer = new AdamW([{ params: [p], weightDecay: 0.5, name: 'head' }], { lr: 0.1, eps: 1e-6 });
    const [group] = optimizer.groups;
    expect(group).toMatchObject({
      name: 'head',
      params: [p],
      lr: 0.1,
      betas: [0.9, 0.999],
      eps: 1e-6,
      weightDecay: 0.5,
      biasCorrection: true,
    });
    group!.weightDecay = 0;
    setGrad(p, [0]);
    optimizer.step();
    expect(p.data[0]).toBe(1);
  });

  // biome-ignore format: a table
  test.each<[string, () => unknown, string]>([
    ['an unknown option', () => new AdamW([p], { weightdecay: 1 } as object), 'AdamW: every option is known. got "weightdecay". did you mean "weightDecay"?'],
    ['an unknown option of a group', () => new SGD([{ params: [p], beta: 1 } as object] as GroupInput<object>[]), 'SGD, group 0: every option is known. got "beta".'],
    ['a misspelt assignment', () => Object.assign(new SGD([p]).groups[0]!, { momentun: 1 }), 'not extensible'],
    ['a beta of 1', () => new AdamW([p], { betas: [1, 0.9] }), 'AdamW: betas is two numbers in [0, 1). got [1, 0.9].'],
    ['one beta', () => new Adam([p], { betas: [0.9] as never }), 'Adam: betas is two numbers in [0, 1). got [0.9].'],
    ['a negative eps', () => new Adam([p], { eps: -1 }), 'Adam: eps is a finite number ≥ 0. got -1.'],
    ['a word for a number', () => new SGD([p], { momentum: '0.9' as never }), 'SGD: momentum is a finite number ≥ 0. got "0.9".'],
    ['a word for a boolean', () => new AdamW([p], { biasCorrection: 'no' as never }), 'AdamW: biasCorrection is a boolean. got "no".'],
    ['nesterov alone', () => new SGD([p], { nesterov: true }), 'SGD, all: nesterov goes with momentum > 0 and dampening 0. got momentum 0 and dampening 0.'],
    ['no parameters', () => new SGD([]), 'SGD: there is at least one parameter. got none.'],
    ['empty groups', () => new SGD([{ params: [] }]), 'SGD: there is at least one parameter. got none.'],
    ['a parameter in two groups', () => new SGD([{ params: [p], name: 'a' }, { params: [p] }]), 'SGD: each parameter is in one group, once. got the same Parameter of shape (1) at a[0] and group 1[0].'],
    ['a parameter twice', () => new SGD([p, p]), 'SGD: each parameter is in one group, once. got the same Parameter of shape (1) at all[0] and all[1].'],
    ['a tensor', () => new SGD([tensor([1])] as never), 'SGD: optimizers change Parameters. got Tensor of shape (1) at all[0]. make one with new Parameter'],
    ['names too', () => new SGD([['w', p]] as never), 'SGD: optimizers change Parameters. got ["w", Parameter of shape (1)] at all[0].'],
    ['a model', () => new SGD({ p } as never), 'SGD: the first argument is a list of parameters or of groups { params, … }. got { p: … }. pass model.parameters()'],
    ['a mixture', () => new SGD([{ params: [p] }, p] as never), 'SGD: groups and single parameters are not mixed. got Parameter of shape (1).'],
  ])('%s is an error', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
