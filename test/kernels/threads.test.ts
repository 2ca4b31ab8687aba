import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { backward } from '../../src/autograd/index.ts';
import { findBlas } from '../../src/kernels/blas/find.ts';
import { kernels, useBackend } from '../../src/kernels/index.ts';
import { currentThreads } from '../../src/kernels/wasm/call.ts';
import { kernelMemory, kernelPool } from '../../src/kernels/wasm/memory.ts';
import { splitEverything, Threads } from '../../src/kernels/wasm/threads.ts';
import { lstm, square, sum } from '../../src/ops/index.ts';
import { manualSeed, randn } from '../../src/tensor/index.ts';
import '../../src/fluent.ts';
import { runScript } from '../support/runScript.ts';
import { threadsAreUp, trainedWeights } from '../support/tinyGpt.ts';

const noBlas = typeof findBlas() === 'string'; // CI installs one
const STEPS = 5;

beforeEach(() => splitEverything(true));
afterEach(() => {
  splitEverything(false);
  useBackend('js');
});

/** Compared as integers: every bit counts. */
function bitsOf(weights: Float32Array): Int32Array {
  expect(weights.every(Number.isFinite)).toBe(true);
  return new Int32Array(weights.buffer);
}

async function bitsAfterTraining(name: 'wasm' | 'blas', threads: number, build?: 'plain' | 'relaxed') {
  useBackend(name, { threads, build });
  await threadsAreUp();
  return bitsOf(trainedWeights(STEPS) as Float32Array);
}

/** Of the input and the weights, at sizes that fill no vector. */
function lstmGradients(): Float32Array[] {
  manualSeed(8);
  const [B, T, C, H] = [5, 4, 3, 7];
  const inputs = [randn([B, T, C]), randn([4 * H, C]), randn([4 * H, H])] as const;
  for (const input of inputs) input.requiresGrad = true;
  backward(sum(square(lstm(...inputs, null, { zoneoutHidden: 0.2, zoneoutCell: 0.4 }).hidden)));
  return inputs.map(({ grad }) => grad!.toTypedArray() as Float32Array);
}

describe('the same bits', () => {
  test.each(['plain', 'relaxed'] as const)('for 1, 2 and 3 threads, %s SIMD', async (build) => {
    const one = await bitsAfterTraining('wasm', 1, build);
    expect(await bitsAfterTraining('wasm', 2, build)).toEqual(one);
    expect(await bitsAfterTraining('wasm', 3, build)).toEqual(one);
    expect(bitsOf(trainedWeights(STEPS - 1) as Float32Array), 'training changes bits').not.toEqual(one);
  });

  test.each(['plain', 'relaxed'] as const)(
    'of RMS norm, rotations, gates and sums of squares, %s SIMD',
    async (build) => {
      const [rows, cols] = [37, 22];
      const numbers = (step: number) =>
        Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(step * i + 1));
      const [x, dy, angles] = [numbers(0.7), numbers(1.3), numbers(0.2)];
      const [gain, probability] = [dy.subarray(0, cols), numbers(2.1).map(Math.abs)];
      const results = [];
      for (const threads of [1, 2, 3]) {
        useBackend('wasm', { threads, build });
        await threadsAreUp();
        const [y, dx, turned, halves, gated] = [x, x, x, x, x].map((like) => new Float32Array(like.length));
        const [rstd, dgain] = [new Float32Array(rows), new Float32Array(cols)];
        kernels.rmsNorm(y!, rstd, x, gain, rows, cols, 1e-6);
        kernels.rmsNormGrad(dx!, dgain, dy, x, rstd, gain, rows, cols);
        kernels.rotate(turned!, x, angles, dy, rows, rows, 1, cols / 2, 1, 1);
        kernels.rotate(halves!, x, angles, dy, rows, rows, 1, cols / 2, cols / 2, 1);
        kernels.bernoulliGate(gated!, x, probability, 77);
        const squares = Float64Array.of(kernels.sumSquares([x, new Float32Array(9001).fill(0.1), dy]));
        results.push([
          ...[y, rstd, dx, dgain, turned, halves, gated].map((array) => [...bitsOf(array!)]),
          [...new BigInt64Array(squares.buffer)],
        ]);
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    },
  );

  test('for 1, 2 and 3 threads, of an LSTM with zoneout, forward and backward', async () => {
    const bits = [];
    for (const threads of [1, 2, 3]) {
      useBackend('wasm', { threads });
      await threadsAreUp();
      bits.push(lstmGradients().map(bitsOf));
    }
    expect(bits[1]).toEqual(bits[0]);
    expect(bits[2]).toEqual(bits[0]);
  });

  test.skipIf(noBlas).each([2, 3])(
    'with a BLAS and %i threads, whether they are up or not',
    async (threads) => {
      useBackend('blas', { threads });
      expect(currentThreads().ready(), 'threads are up at once').toBe(false);
      const alone = bitsOf(trainedWeights(1) as Float32Array); // on the main thread, at least at first
      expect(await bitsAfterTraining('blas', threads)).toEqual(await bitsAfterTraining('blas', threads));
      expect(bitsOf(trainedWeights(1) as Float32Array)).toEqual(alone);
    },
  );

  test.each(['wasm', 'blas'] as const)('%s: threads see memory that has just grown', async (name) => {
    if (name === 'blas' && noBlas) return;
    useBackend(name, { threads: 3 });
    await threadsAreUp();
    const [m, n, k] = [12, 8, 5];
    for (
      let growths = 0, before = kernelMemory().buffer.byteLength;
      growths < 3;
      before = kernelMemory().buffer.byteLength
    ) {
      kernelPool.take(before >> 3);
      const block = kernelPool.take(2 ** 20 + 2 ** 17 * growths); // each time the last bytes that there are
      const floats = (from: number, length: number) =>
        new Float32Array(block.buffer, block.byteOffset + 4 * from, length);
      const [a, b, bias, c] = [floats(0, m * k), floats(100, k * n), floats(200, n), floats(300, m * n)];
      a.fill(2);
      b.fill(3);
      bias.fill(1);
      kernels.matmul(c, a, b, bias, { m, n, k });
      expect(new Set(c)).toEqual(new Set([2 * 3 * k + 1]));
      if (kernelMemory().buffer.byteLength > before) growths++;
    }
  });
});

describe('a thread that', () => {
  /** x ← x·1 with the first half inside the memory: the share of the main thread. */
  const half = 1024;
  const scaleBeyondTheEnd = () => [kernelMemory().buffer.byteLength - 4 * half, 1];

  test('breaks off is an error, then and for all later calls, until a backend is chosen anew', async () => {
    useBackend('wasm', { threads: 2 });
    await threadsAreUp();
    const threads = currentThreads();
    const scale = () => threads.run('scale', { total: 2 * half, grain: 4, work: 1 }, scaleBeyondTheEnd());
    const brokeOff = 'kernel threads: every thread finishes its share. got a thread that broke off';
    // Who is quicker takes a share: sometimes the main thread takes the bad one, and fails by itself.
    // On a busy machine it may be long before the other one gets a turn.
    let message = '';
    for (const end = performance.now() + 60_000; performance.now() < end && !message.includes(brokeOff); ) {
      message = messageOf(scale);
    }
    expect(message).toBe(`${brokeOff}. set SCRATCHFORMER_THREADS=1.`);
    expect(() => trainedWeights(1)).toThrow('got a thread that broke off');
    useBackend('wasm', { threads: 2 });
    await threadsAreUp();
    expect(bitsOf(trainedWeights(1) as Float32Array).length).toBeGreaterThan(0);
  });

  test('is gone is not missed: the others take its shares, with the same bits', async () => {
    useBackend('wasm', { threads: 2 });
    await threadsAreUp();
    const before = bitsOf(trainedWeights(1) as Float32Array);
    currentThreads().stop();
    expect(bitsOf(trainedWeights(1) as Float32Array)).toEqual(before);
  });

  test('cannot start is done without, and one line says so', async () => {
    // (start (if (i32.atomic.rmw.add (i32.const 0) (i32.const 1)) (then unreachable))): only its first
    // instance works
    const once = new WebAssembly.Module(
      // biome-ignore format: bytes
      Uint8Array.of(
        0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0,
        2, 18, 1, 3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2, 3, 1, 128, 128, 4,
        3, 2, 1, 0, 8, 1, 0, 10, 16, 1, 14, 0, 65, 0, 65, 1, 254, 30, 2, 0, 4, 64, 0, 11, 11,
      ),
    );
    const threads = new Threads(once, 3, null);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    expect(threads.ready()).toBe(false);
    while (!threads.ready()) await setTimeout(5);
    expect(warn.mock.calls).toEqual([
      ['kernel threads: not all 3 could be started (unreachable); fewer do the work.'],
    ]);
    new Int32Array(kernelMemory().buffer, 0, 1).fill(0);
  });

  test('still works when another fails has finished before the next call', async () => {
    const length = 2 ** 18;
    const rows = new Float32Array(2 * length).fill(1);
    for (let i = 0; i < 20; i++) {
      useBackend('wasm', { threads: 2 });
      await threadsAreUp();
      // sumRows(out, x, length): row 0 lies beyond the memory; row 1 lies at address 0
      const broken = () =>
        currentThreads().run('sumRows', { total: 2, work: 1 }, [64, 2 ** 32 - 4 * length, length]);
      const message = messageOf(broken);
      expect(message).toMatch(/memory access out of bounds|broke off/);
      if (message.includes('broke off')) continue;
      const sums = new Float32Array(2);
      kernels.sum(sums, rows, 2, length, 1);
      expect([...sums]).toEqual([length, length]);
    }
  });
});

function messageOf(body: () => void): string {
  try {
    body();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a process', () => {
  const train = `
    import { useBackend } from 'scratchformer';
    import { splitEverything } from './src/kernels/wasm/threads.ts';
    import { threadsAreUp, trainedWeights } from './test/support/tinyGpt.ts';
    splitEverything(true);`;
  const backends = noBlas ? ['wasm'] : ['wasm', 'blas'];

  test.each(backends)('ends by itself after training on %s with threads', async (name) => {
    const { code, output, errors } = await runScript(`${train}
      useBackend('${name}', { threads: 2 });
      await threadsAreUp();
      trainedWeights(3);
      console.log('done');`);
    expect({ code, output, errors }).toEqual({ code: 0, output: 'done', errors: '' });
  });

  test.each(backends)('ends by itself before the threads of %s are up', async (name) => {
    const { code, output, errors } = await runScript(`${train}
      useBackend('${name}', { threads: 3 });
      trainedWeights(1);
      console.log('done');`);
    expect({ code, output, errors }).toEqual({ code: 0, output: 'done', errors: '' });
  });

  test('ends with process.exit while threads wait', async () => {
    const { code, output, errors } = await runScript(`${train}
      useBackend('wasm', { threads: 3 });
      await threadsAreUp();
      trainedWeights(1);
      console.log('done');
      process.exit(7);`);
    expect({ code, output, errors }).toEqual({ code: 7, output: 'done', errors: '' });
  });

  test("trains in a user's own worker too, which ends by itself", async () => {
    const { code, output, errors } = await runScript(`
      import { Worker } from 'node:worker_threads';
      const train = "import('tsx/esm/api').then(({ register }) => register() && import('./test/support/trainInWorker.ts'))";
      const worker = new Worker(train, { eval: true });
      worker.on('message', (message) => console.log(message));
      worker.on('exit', (code) => console.log('ended with', code));`);
    expect({ code, output, errors }).toEqual({
      code: 0,
      output: 'trained with 2 threads\nended with 0',
      errors: '',
    });
  });

  test('starts no thread with threads: 1', async () => {
    const { code, output, errors } = await runScript(`
      import { syncBuiltinESMExports } from 'node:module';
      import workers from 'node:worker_threads';
      workers.Worker = class { constructor() { console.log('a worker'); throw new Error('no workers here'); } };
      syncBuiltinESMExports();
      const { useBackend } = await import('scratchformer');
      const { splitEverything } = await import('./src/kernels/wasm/threads.ts');
      const { trainedWeights } = await import('./test/support/tinyGpt.ts');
      splitEverything(true);
      useBackend('wasm', { threads: 1 });
      console.log(trainedWeights(1).length > 0);
      useBackend('wasm', { threads: 2 });
      trainedWeights(1);`);
    const warning = 'kernel threads: not all 2 could be started (no workers here); fewer do the work.\n';
    expect({ code, output, errors }).toEqual({ code: 0, output: 'true\na worker', errors: warning });
  });
});
