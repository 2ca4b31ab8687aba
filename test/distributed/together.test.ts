import { expect, test } from 'vitest';
import { init, ShardedOptimizer, SharedGradients } from '../../src/distributed/index.ts';
import { Parameter } from '../../src/nn/index.ts';
import { tensor } from '../../src/tensor/index.ts';

test('without a launcher there is a world of one, without a library', () => {
  const world = init();
  expect([world.rank, world.size, world.communicator.library]).toEqual([0, 1, 'no library']);
  expect(world.gather('a')).toEqual(['a']);
  expect(world.broadcastBytes(Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 2));
});

test('errors of shared gradients', () => {
  const world = init();
  const weights = [new Parameter(tensor([1, 2]), { role: 'weight' })];
  expect(() => new SharedGradients(world, [])).toThrow('there are parameters, all of one dtype');
  expect(() => new SharedGradients(world, weights, { batches: 0 })).toThrow('batches');
  expect(() => new SharedGradients(world, weights, { reduction: 'inorder' as never })).toThrow(
    'did you mean "inOrder"?',
  );
  const gradients = new SharedGradients(world, weights, { batches: 2 });
  gradients.beginBatch();
  expect(() => gradients.allReduceMean()).toThrow('the batches of the step are done, 2 on this rank. got 1');
  gradients.close();
});

test('an optimizer that does not keep its state by parameter is not sharded', () => {
  class Annealing {
    lr = 1;
    groups = [];
    step() {}
    zeroGrad() {}
    stateDict = () => ({ tensors: new Map() });
    loadStateDict() {}
  }
  const sharded = (optimizer: object) => () => new ShardedOptimizer(optimizer as never, init());
  const error = 'the optimizer keeps its state parameter by parameter, as AdamW, Lion and Muon do. got';
  const weight = new Parameter(tensor([1, 2]), { role: 'weight' });
  const whole = Object.assign(new Annealing(), { groups: [{ params: [weight] }] });
  expect(sharded(whole)).toThrow(`${error} Annealing`);
  expect(sharded({ step() {}, zeroGrad() {} })).toThrow(error);
});
