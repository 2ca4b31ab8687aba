/** What the tests run on ranks: what ranks do together. Says what went wrong, if anything did. */
import assert from 'node:assert/strict';
import { AdamW } from '../../optimizers/index.ts';
import {
  checkSame,
  describeRank,
  init,
  ShardedOptimizer,
  SharedGradients,
  together,
} from '../../src/distributed/index.ts';
import { Parameter } from '../../src/nn/index.ts';
import { fail, ones, tensor } from '../../src/tensor/index.ts';

const world = init();
const { rank, size } = world;
assert.equal(init(), world);
assert.match(describeRank(world), new RegExp(`^rank ${rank} of ${size} \\(process ${process.pid} on .+\\)$`));

const everywhere = [tensor([rank, 2 * rank + 1]), tensor([rank], { dtype: 'float64' })];
world.broadcast(everywhere);
assert.deepEqual(
  everywhere.map(({ data }) => [...data]),
  [[0, 1], [0]],
);
everywhere[0]!.data[1] = rank;
world.broadcast(everywhere, size - 1);
assert.equal(everywhere[0]!.data[1], size - 1);
const bytes = world.broadcastBytes(Uint8Array.from({ length: rank === 0 ? 5000 : 0 }, (_, i) => i));
assert.deepEqual(
  bytes,
  Uint8Array.from({ length: 5000 }, (_, i) => i),
);
const texts = Array.from({ length: size }, (_, r) => 'ä'.repeat(r));
assert.deepEqual(world.gather(texts[rank]!), texts);

const all = new Float64Array(size);
world.communicator.allGather(all, Float64Array.of(rank + 0.5));
assert.deepEqual([...all], [...texts.keys()].map((r) => r + 0.5)); // biome-ignore format: one line reads better
const sums = new Float64Array(2);
world.communicator.sum(sums, Float64Array.of(1, rank));
assert.deepEqual([...sums], [size, (size * (size - 1)) / 2]);

assert.equal(await together(world, () => rank * 2), rank * 2);
if (size > 1) {
  const allBut = (one: number) => {
    const others = [...texts.keys()].filter((r) => r !== one);
    return `${others.length > 1 ? 'ranks' : 'rank'} ${others.join(', ')}`;
  };
  const failing = together(world, () => (rank === 1 ? fail('here', 'all is well', 'something else') : 0));
  await assert.rejects(failing, {
    message: `nothing is wrong on ${allBut(1)}; here: all is well. got something else. on rank 1`,
  });
  assert.throws(() => checkSame(world, { version: '1', weights: `${rank === 0}` }), {
    message: `distributed: every rank has the same weights. got true on rank 0; false on ${allBut(0)}.`,
  });
}
checkSame(world, { version: '1' });

const weights = [2, 3, 2, 1].map((length) => new Parameter(ones([length]), { role: 'weight' }));
const inner = new AdamW(weights);
const sharded = new ShardedOptimizer(inner, world);
for (const weight of weights.slice(0, 3)) weight.grad = ones(weight.shape);
sharded.step();
const kept = [...inner.stateDict().tensors.keys()].filter((name) => name.endsWith('.m'));
const keptByAll = world.gather(JSON.stringify(kept)).flatMap((names): string[] => JSON.parse(names));
assert.deepEqual(keptByAll.sort(), ['0.m', '1.m', '2.m']); // each by one rank
assert.equal(kept.length, [[3], [1, 2], [1, 1, 1]][size - 1]?.[rank] ?? (rank < 3 ? 1 : 0));
if (size > 1)
  assert.throws(() => new SharedGradients(world, weights, { batches: size - 1 }), {
    message: new RegExp(`a step has a batch for every rank. got ${size - 1} for ${size} ranks`),
  });
assert(weights.slice(0, 3).every(({ data, grad }) => data[0]! < 1 && grad !== null));
world.barrier();
