import { describe, expect, test } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import {
  Dropout,
  inference,
  Linear,
  Module,
  ModuleList,
  Parameter,
  PReLU,
  Sequential,
} from '../../src/nn/index.ts';
import { manualSeed, ones, tensor, zeros } from '../../src/tensor/index.ts';
import { clipGradNorm } from '../../src/train/clip.ts';

class Toy extends Module {
  readonly table = new Parameter(ones([4, 2]), { role: 'embedding' });
  readonly list = [new Linear(2, 3), new Linear(3, 2)];
  readonly inner = new ModuleList([new Linear(2, 2, { bias: false })]);
  readonly tied = this.table;
  readonly note = 'not a module';
}

const names = (module: Module) => module.namedParameters().map(([name]) => name);

describe('Module', () => {
  test('finds parameters in its fields, in arrays and in inner modules, in order, shared ones once', () => {
    expect(names(new Toy())).toEqual([
      'table', 'list.0.weight', 'list.0.bias', 'list.1.weight', 'list.1.bias', 'inner.0.weight',
    ]); // biome-ignore format: one list
  });

  test('train and eval reach every inner module', () => {
    const toy = new Toy().eval();
    expect(toy.namedModules().map(([, module]) => module.training)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
    toy.train();
    expect(toy.namedModules().every(([, module]) => module.training)).toBe(true);
  });

  test('a state dict is a copy, and loads into an equal module', () => {
    manualSeed(1);
    const [a, b] = [new Toy(), new Toy()];
    const state = a.stateDict();
    b.loadStateDict(state);
    for (const [i, parameter] of b.parameters().entries())
      expect(parameter.data).toEqual(a.parameters()[i]!.data);
    a.table.data.fill(9);
    expect(state.get('table')!.data[0]).toBe(1);
  });

  test('loadStateDict lists missing and unexpected names and wrong shapes, and changes nothing', () => {
    const toy = new Toy();
    const state = toy.stateDict();
    state.delete('list.1.bias');
    state.set('extra', zeros([1])).set('table', zeros([4, 2]));
    expect(() => toy.loadStateDict(state)).toThrow('missing: list.1.bias; unexpected: extra');
    expect(toy.table.data[0]).toBe(1);
    toy.loadStateDict(state, { strict: false });
    expect(toy.table.data[0]).toBe(0);
    expect(() => toy.loadStateDict(new Map([['table', zeros([2, 4])]]), { strict: false })).toThrow(
      'table (2, 4) for (4, 2)',
    );
  });

  test('loading converts to the dtype of the parameter, and misfits are errors even if not strict', () => {
    const layer = new Linear(1, 1, { bias: false });
    layer.loadStateDict(new Map([['weight', tensor([[0.1]], { dtype: 'float64' })]]));
    expect([layer.weight.dtype, layer.weight.item()]).toEqual(['float32', Math.fround(0.1)]);
    const other = new Map([['weights', zeros([1, 1])]]);
    expect(() => layer.loadStateDict(other)).toThrow('pass { strict: false } to load those that are in both');
    layer.loadStateDict(other, { strict: false });
    expect(layer.weight.item()).toBe(Math.fround(0.1));
    expect(() => layer.loadStateDict(new Map([['weight', zeros([2])]]), { strict: false })).toThrow(
      'weight (2) for (1, 1)',
    );
  });

  test('loading counts as a change in place', () => {
    const toy = new Toy();
    const before = toy.table.storage.version;
    toy.loadStateDict(toy.stateDict());
    expect(toy.table.storage.version).toBe(before + 1);
  });

  test('summary is a table with shapes, counts and roles', () => {
    expect(new Sequential(new Linear(20, 100)).summary()).toBe(
      [
        'parameter  shape      count  role',
        '0.weight   (100, 20)  2,000  weight',
        '0.bias     (100)        100  bias',
        'total                 2,100',
      ].join('\n'),
    );
  });

  test('Sequential chains, ModuleList iterates', () => {
    const double = new Linear(1, 1, { bias: false });
    double.weight.data[0] = 2;
    expect(new Sequential(double, double, double).forward(tensor([[5]])).item()).toBe(40);
    expect([...new ModuleList([double, double])]).toEqual([double, double]);
    expect(new ModuleList([double]).at(-1)).toBe(double);
  });
});

/** Keeps its parts where nobody sees them, and says so. */
class Hidden extends Module {
  readonly #inner = new Linear(2, 1, { bias: false });
  readonly #dropout = new Dropout(0.5);

  override children(): [string, Module][] {
    return [
      ['inner', this.#inner],
      ['dropout', this.#dropout],
    ];
  }
}

const gain = (value: number) => new Parameter(tensor([value]), { role: 'gain' });

describe('every walk is the same', () => {
  test('parts that only an overridden children() names train, are clipped, and have modes', () => {
    const model = new Sequential(new Hidden() as unknown as Linear, new Linear(1, 1, { bias: false }));
    expect(names(model)).toEqual(['0.inner.weight', '1.weight']);
    expect(model.parameters()).toEqual(model.namedParameters().map(([, parameter]) => parameter));
    expect([...model.stateDict().keys()]).toEqual(names(model));
    expect(model.summary()).toContain('0.inner.weight');
    for (const parameter of model.parameters()) parameter.grad = ones(parameter.shape);
    expect(clipGradNorm(model.parameters(), 1)).toBeCloseTo(Math.sqrt(3), 6);
    expect(model.namedParameters()[0]![1].grad!.data[0]).toBeCloseTo(1 / Math.sqrt(3), 4);
    model.zeroGrad();
    expect(model.parameters().map(({ grad }) => grad)).toEqual([null, null]);
    const modes = () => model.namedModules().map(([, { training }]) => training);
    inference(model, () => expect(modes()).toEqual([false, false, false, false, false]));
    expect(modes()).toEqual([true, true, true, true, true]);
  });

  test('modules and parameters are found in nested arrays and plain objects, by dotted names', () => {
    class Nested extends Module {
      readonly scales = [gain(1), [gain(2)]];
      readonly heads = { left: new Linear(1, 1, { bias: false }), more: [{ right: gain(3) }] };
      readonly sizes = [1, 2, 3];
      readonly lookup = new Map([['a', 1]]);
    }
    const model = new Nested();
    expect(names(model)).toEqual(['scales.0', 'scales.1.0', 'heads.more.0.right', 'heads.left.weight']);
    expect(model.children()).toEqual([['heads.left', model.heads.left]]);
    model.eval();
    expect(model.heads.left.training).toBe(false);
  });

  test.each([
    ['a Map of modules', () => new Map([['left', new Linear(1, 1)]]), 'got a Map of them in the field parts'],
    ['a Set of parameters', () => new Set([gain(1)]), 'got a Set of them in the field parts'],
    [
      'a Map in an object',
      () => ({ heads: new Map([['left', [gain(1)]]]) }),
      'got a Map of them in the field parts.heads',
    ],
  ])('%s is an error that names the field', (_name, make, message) => {
    class Misplaced extends Module {
      readonly parts = make();
    }
    for (const walk of [
      () => names(new Misplaced()),
      () => new Misplaced().parameters(),
      () => new Misplaced().eval(),
    ]) {
      expect(walk).toThrow(message);
      expect(walk).toThrow('take a plain object, { left: … }, or an array');
    }
  });

  test('a module that contains itself, and a field that does, come to an end', () => {
    class Cyclic extends Module {
      readonly weight = gain(1);
      readonly loop: unknown[] = [];
      readonly table = new Map<string, unknown>();
      self: Module = this;
    }
    const model = new Cyclic();
    model.loop.push(model.loop, { again: model.loop, model });
    model.table.set('table', model.table);
    expect(names(model)).toEqual(['weight']);
    expect(model.parameters()).toEqual([model.weight]);
    expect(model.eval().training).toBe(false);
  });

  test('a shared module counts once, under its first name', () => {
    const shared = new Linear(1, 1);
    const model = new Sequential(shared, new Sequential(shared));
    expect(names(model)).toEqual(['0.weight', '0.bias']);
    expect(model.namedModules().map(([name]) => name)).toEqual(['', '0', '1']);
  });

  test('two parameters of one name are an error before a state dict loses one', () => {
    class Twins extends Module {
      override children(): [string, Module][] {
        return [
          ['twin', new Linear(1, 1)],
          ['twin', new Linear(1, 1)],
        ];
      }
    }
    expect(() => new Twins().stateDict()).toThrow(
      'stateDict: every parameter has a name of its own. got twin.weight',
    );
    expect(() => new Twins().loadStateDict(new Map())).toThrow('every parameter has a name of its own');
  });

  test('a layer among the options of a GPT has its names from the blocks', () => {
    const sizes = { vocabSize: 3, context: 4, layers: 2, heads: 1, width: 4 };
    const model = new GPT({ ...sizes, activation: new PReLU() });
    expect(names(model).filter((name) => name.includes('activation'))).toEqual([
      'blocks.0.feedForward.activation.weight',
    ]);
    expect(names(new GPT(sizes)).slice(0, 3)).toEqual([
      'tokens.weight',
      'positions.weight',
      'blocks.0.norm1.gain',
    ]);
  });
});
