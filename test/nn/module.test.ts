import { describe, expect, test } from 'vitest';
import { Linear, Module, ModuleList, Parameter, Sequential } from '../../src/nn/index.ts';
import { manualSeed, ones, tensor, zeros } from '../../src/tensor/index.ts';

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
    expect(toy.namedModules().map(([, module]) => module.training)).toEqual([false, false, false, false, false]);
    toy.train();
    expect(toy.namedModules().every(([, module]) => module.training)).toBe(true);
  });

  test('a state dict is a copy, and loads into an equal module', () => {
    manualSeed(1);
    const [a, b] = [new Toy(), new Toy()];
    const state = a.stateDict();
    b.loadStateDict(state);
    for (const [i, parameter] of b.parameters().entries()) expect(parameter.data).toEqual(a.parameters()[i]!.data);
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
