/** What the tests run on ranks: what ranks do together. Prints what went wrong, if anything did. */
import assert from 'node:assert/strict';
import { checkSame, describeRank, init, together } from '../../src/distributed/index.ts';
import { fail, tensor } from '../../src/tensor/index.ts';

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
const failing = together(world, () => (rank === 1 ? fail('here', 'all is well', 'something else') : 0));
await assert.rejects(failing, {
  message: `nothing is wrong on ${size > 2 ? 'ranks 0, 2' : 'rank 0'}; here: all is well. got something else. on rank 1`,
});
checkSame(world, { version: '1' });
assert.throws(() => checkSame(world, { version: '1', weights: `${rank === 0}` }), {
  message: `distributed: every rank has the same weights. got true on rank 0; false on ${size > 2 ? 'ranks 1, 2' : 'rank 1'}.`,
});
world.barrier();
if (rank === 0) console.log(`${size} ranks agree`);
