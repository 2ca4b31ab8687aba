import { describe, expect, test } from 'vitest';
import {
  AdamW,
  checkPartition,
  decayGroups,
  decayGroupsByDimension,
  decayGroupsByName,
} from '../../optimizers/index.ts';
import { backward, noGrad } from '../../src/autograd/index.ts';
import { Buffer, Linear, Module, Parameter, Sequential } from '../../src/nn/index.ts';
import { add, copy_, mul, sum } from '../../src/ops/index.ts';
import { ones, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/train/index.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** Adds what it keeps, and counts. */
class Shift extends Module {
  readonly mean: Buffer = new Buffer(zeros([2]));
  readonly gain = new Parameter(ones([2]), { role: 'gain' });
  readonly counts = { calls: new Buffer(tensor([0], { dtype: 'int32' })) };
  readonly again = this.mean;
  readonly inner = new Linear(2, 2);
  readonly note = zeros([1]); // a plain tensor is nobody's to save

  forward(x: Tensor): Tensor {
    noGrad(() => copy_(this.counts.calls, add(this.counts.calls, 1)));
    return mul(add(this.inner.forward(x), this.mean), this.gain);
  }
}

const names = (entries: readonly (readonly [string, unknown])[]) => entries.map(([name]) => name);

describe('a buffer', () => {
  test('is found by name in fields, objects and inner modules, a shared one once, beside the parameters', () => {
    const shift = new Shift();
    const model = new Sequential(shift, new Sequential(shift), new Shift());
    expect(names(model.namedBuffers())).toEqual(['0.mean', '0.counts.calls', '2.mean', '2.counts.calls']);
    expect(model.namedBuffers()[0]![1]).toBe(shift.mean);
    expect(names(shift.namedParameters())).toEqual(['gain', 'inner.weight', 'inner.bias']);
    expect(shift.parameters()).toHaveLength(3);
    expect([...shift.stateDict().keys()]).toEqual([
      'gain',
      'inner.weight',
      'inner.bias',
      'mean',
      'counts.calls',
    ]);
  });

  test('is a copy in memory that outlives the scope it was made in', () => {
    const values = tensor([1, 2]);
    const made: Buffer[] = [];
    noGrad(() => void made.push(new Buffer(values), new Buffer(add(values, 1))));
    values.data.fill(9);
    expect(made.map(({ dtype, data }) => [dtype, ...data])).toEqual([
      ['float32', 1, 2],
      ['float32', 2, 3],
    ]);
  });

  test('has no gradient, whatever runs through it', () => {
    const shift = new Shift();
    backward(sum(shift.forward(ones([3, 2]))));
    expect(shift.namedBuffers().map(([, { grad, node }]) => [grad, node])).toEqual([[null, null], [null, null]]); // biome-ignore format: pairs
    expect(shift.gain.grad).not.toBeNull();
    expect(() => {
      shift.mean.requiresGrad = true;
    }).toThrow(
      'Buffer: a buffer has no gradient. got requiresGrad = true. what is to be learned is a Parameter',
    );
    expect(shift.mean.requiresGrad).toBe(false);
  });

  test('is left alone by training, modes, zeroGrad and every rule of decay', () => {
    const shift = new Shift();
    shift.mean.data.fill(5);
    for (const groups of [
      decayGroups(shift, { weightDecay: 0.5 }),
      decayGroupsByName(shift, { weightDecay: 0.5 }),
      decayGroupsByDimension(shift, { weightDecay: 0.5 }),
    ]) {
      checkPartition(shift, groups);
      expect(groups.flatMap(({ params }) => params)).toHaveLength(3);
    }
    const optimizer = new AdamW(decayGroups(shift, { weightDecay: 0.5 }), { lr: 0.1 });
    backward(sum(shift.train().forward(ones([1, 2]))));
    optimizer.step();
    shift.eval().train().zeroGrad();
    expect([shift.mean.toArray(), shift.counts.calls.toArray()]).toEqual([[5, 5], [1]]);
    expect(() => new AdamW([shift.mean as never])).toThrow(
      'optimizers change Parameters. got Buffer of shape (2)',
    );
  });

  test('refuses what is no tensor, and Maps', () => {
    expect(() => new Buffer([1] as never)).toThrow('Buffer: its values are a tensor. got [1]');
    class Misplaced extends Module {
      readonly parts = new Map([['mean', new Buffer(zeros([1]))]]);
    }
    expect(() => new Misplaced().namedBuffers()).toThrow('got a Map of them in the field parts');
  });
});

describe('the state dict', () => {
  test('takes buffers there and back, through a file too', async () => {
    const [from, to] = [new Shift(), new Shift()];
    from.mean.data.set([0.25, -3]);
    from.counts.calls.data[0] = 7;
    const path = `${temporaryFolder()}/checkpoint.safetensors`;
    const optimizer = new AdamW(from.parameters());
    const random = { seed: 1, streams: {} };
    await saveCheckpoint(path, {
      step: 1,
      model: from.stateDict(),
      optimizer: optimizer.stateDict(),
      random,
      info: {},
    });
    from.mean.data.fill(9);
    const before = to.mean.storage.version;
    to.loadStateDict((await loadCheckpoint(path)).model);
    expect([to.mean.toArray(), to.counts.calls.toArray()]).toEqual([[0.25, -3], [7]]);
    expect(to.inner.weight.data).toEqual(from.inner.weight.data);
    expect(to.mean.storage.version).toBe(before + 1);
  });

  test.each([
    ['without one', new Map(), 'missing: mean; unexpected: none', true],
    ['of another shape', new Map([['mean', zeros([3])]]), 'mean (3) for (2)', false],
    ['with fractions for a count', new Map([['counts.calls', ones([1])]]), 'what is int32 takes int32. got float32 for counts.calls', false],
  ])('is refused %s, before anything changes', (_, changes, message, strict) => {
    const shift = new Shift();
    const state = new Map([...new Shift().stateDict().set('gain', zeros([2])), ...changes]);
    if (changes.size === 0) state.delete('mean');
    expect(() => shift.loadStateDict(state, { strict })).toThrow(message);
    expect(shift.gain.toArray()).toEqual([1, 1]);
  }); // biome-ignore format: a table

  test('converts floats, and loads what is there if not strict', () => {
    const shift = new Shift();
    shift.loadStateDict(new Map([['mean', tensor([0.1, 2], { dtype: 'float64' })]]), { strict: false });
    expect([shift.mean.dtype, ...shift.mean.data]).toEqual(['float32', Math.fround(0.1), 2]);
  });

  test('refuses two buffers of one name', () => {
    class Twins extends Module {
      override children(): [string, Module][] {
        return [
          ['twin', new Shift()],
          ['twin', new Shift()],
        ];
      }
      override namedParameters(): [] {
        return [];
      }
    }
    expect(() => new Twins().stateDict()).toThrow(
      'stateDict: every buffer has a name of its own. got twin.mean twice',
    );
  });
});
