/**
 * Measures what sharing gradients costs, and prints what that means for more ranks than there are here:
 *
 *     mpirun -n 2 npx tsx test/tools/reduceTimes.ts
 *
 * The model is that of src/distributed/README.md.
 */
import { backward } from '../../src/autograd/index.ts';
import { init, SharedGradients, type World } from '../../src/distributed/index.ts';
import { Parameter } from '../../src/nn/index.ts';
import { mul, sum } from '../../src/ops/index.ts';
import { ones, tensor, zeros } from '../../src/tensor/index.ts';

const SIZES = [1e3, 1e4, 1e5, 1e6, 4e6];
const REPEATS = 30;

/** Parameters, seconds of a step on one rank; see the README for where they come from. */
const models = { 'story GPT': [0.12e6, 0.02], nanoGPT: [0.8e6, 0.095], 'GPT-2 small': [124e6, 3.5] } as const; // biome-ignore format: a table
/** Seconds of latency, bytes in a second. */
const networks = { 'Ethernet, 1 Gb/s': [50e-6, 117e6], '10 Gb/s': [20e-6, 1.17e9], 'InfiniBand, 100 Gb/s': [2e-6, 11e9] } as const; // biome-ignore format: a table

/** Least seconds of many tries: the others were interrupted. */
function seconds(world: World, body: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPEATS; i++) {
    world.barrier();
    const start = performance.now();
    body();
    least = Math.min(least, performance.now() - start);
  }
  return Math.max(...world.gather(`${least / 1000}`).map(Number));
}

function measure(world: World): void {
  const say = (text: string) => world.rank === 0 && console.log(text);
  say(`${world.size} ranks by ${world.communicator.library}`);
  say(`barrier ${(1e6 * seconds(world, () => world.barrier())).toFixed(1)} µs`);
  for (const size of SIZES) {
    const times = (['inOrder', 'anyOrder'] as const).map((reduction) => {
      const weight = new Parameter(zeros([size]), { role: 'weight' });
      const gradients = new SharedGradients(world, [weight], { reduction });
      let sharing = Number.POSITIVE_INFINITY;
      seconds(world, () => {
        gradients.beginBatch();
        backward(sum(mul(weight, ones([size]))), tensor(gradients.share));
        world.barrier();
        const start = performance.now();
        gradients.allReduceMean();
        sharing = Math.min(sharing, performance.now() - start);
      });
      gradients.close();
      return `${reduction} ${sharing.toFixed(3)} ms`;
    });
    say(`${size} numbers: ${times.join(', ')}`);
  }
}

/** Seconds of a step on so many ranks, one batch each. */
function stepTime(
  ranks: number,
  [numbers, compute]: readonly [number, number],
  [latency, bandwidth]: readonly [number, number],
): number {
  // biome-ignore format: one line reads better
  const messages = 2 * (ranks - 1) + 2 * Math.ceil(Math.log2(ranks));
  const bytes = (2 * 4 * numbers * (ranks - 1)) / ranks;
  return compute + messages * latency + bytes / bandwidth;
}

const world = init();
if (world.size > 1) measure(world);
else
  for (const [model, of] of Object.entries(models))
    for (const [network, by] of Object.entries(networks)) {
      const cells = [2, 4, 8, 16, 64, 256, 1024].map((ranks) => {
        const times = (ranks * of[1]) / stepTime(ranks, of, by);
        return `${times < 10 ? times.toFixed(1) : times.toFixed(0)}`;
      });
      console.log(`| ${model} | ${network} | ${cells.join(' | ')} |`);
    }
