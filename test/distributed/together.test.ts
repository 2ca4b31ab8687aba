import { expect, test } from 'vitest';
import { init, SharedGradients } from '../../src/distributed/index.ts';
import { Parameter } from '../../src/nn/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { launchers, onRanks, programArgs } from '../support/mpi.ts';

test
  .skipIf(launchers.length === 0)
  .each(launchers.flatMap((launcher) => [2, 3].map((ranks) => [ranks, launcher.name, launcher] as const)))(
  '%i ranks of %s broadcast, gather, add up, and agree on errors',
  async (ranks, _name, launcher) => {
    const ended = await onRanks(launcher, ranks, programArgs('test/distributed/together.ts'));
    expect(ended, ended.errors).toMatchObject({ code: 0, output: `${ranks} ranks agree\n` });
  },
);

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
