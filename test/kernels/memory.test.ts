import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defineOp, noGrad } from '../../src/autograd/index.ts';
import '../../src/fluent.ts';
import { kernels, useBackend } from '../../src/kernels/index.ts';
import { kernelMemory, kernelMemoryInBlocks, kernelPool } from '../../src/kernels/wasm/memory.ts';
import { crossEntropy, gelu, matmul, softmax } from '../../src/ops/index.ts';
import { empty, randn, type Tensor, tensor } from '../../src/tensor/index.ts';
import { runScript } from '../support/runScript.ts';
import { tinyBatch, tinyGpt, trainingOf } from '../support/tinyGpt.ts';

beforeEach(() => {
  useBackend('wasm', { threads: 1 });
});
afterEach(() => {
  useBackend('js');
});

function isShared(x: Tensor): boolean {
  return x.storage.data.buffer instanceof SharedArrayBuffer;
}

/** Bytes of new kernel memory that `body` takes. */
function taken(body: () => void): number {
  const before = kernelMemoryInBlocks();
  body();
  return kernelMemoryInBlocks() - before;
}

describe('no new memory', () => {
  test('in steady-state training', () => {
    const step = trainingOf(tinyGpt());
    const losses = Array.from({ length: 3 }, step).map((loss) => loss.item());
    const growth = taken(() => {
      for (let i = 0; i < 200; i++) losses.push(step().item());
    });
    expect(growth).toBe(0);
    expect(losses.every(Number.isFinite)).toBe(true);
  });

  test('in evaluation under noGrad', () => {
    const model = tinyGpt();
    const evaluate = () => noGrad(() => model.loss(...tinyBatch()).item());
    evaluate();
    expect(taken(() => Array.from({ length: 100 }, evaluate))).toBe(0);
  });

  test('over 2,000 generated tokens, many times the context', () => {
    const model = tinyGpt();
    const write = (maxTokens: number) => model.generate([1, 2, 3], { maxTokens });
    write(50);
    expect(taken(() => write(1000))).toBe(0);
    expect(taken(() => Array.from({ length: 100 }, () => write(10)))).toBe(0);
  });

  test('for what ops allocate before they throw', async () => {
    const breaks = defineOp({
      name: 'breaks',
      forward(x: Tensor): { output: Tensor; saved: object } {
        empty(x.shape, 'float32');
        throw new Error('broken');
      },
    });
    const x = randn([1000]);
    expect(() => breaks(x)).toThrow('broken');
    expect(taken(() => expect(() => noGrad(() => breaks(x))).toThrow('broken'))).toBe(0);
  });
});

describe('no new memory after errors', () => {
  test('when an op’s backward throws', () => {
    const breaks = defineOp({
      name: 'breaks',
      forward: (x: Tensor) => ({ output: gelu(x), saved: {} }),
      backward(): Tensor[] {
        throw new Error('broken');
      },
    });
    const [x, w] = [randn([500, 500], { requiresGrad: true }), randn([500, 500])];
    const failing = () => {
      const [waits, throws] = [matmul(x, w), breaks(x)]; // the later of the two goes first
      expect(() => softmax(matmul(throws, waits)).sum().backward()).toThrow('broken');
      x.zeroGrad();
    };
    failing();
    expect(taken(() => Array.from({ length: 50 }, failing))).toBe(0);
  });

  test('when an op is given what backward has consumed', () => {
    const w = randn([1000], { requiresGrad: true });
    const flat = w.reshape([10, 100]); // its memory is that of w, so it can still be read
    flat.sum().backward();
    const failing = () =>
      expect(() => flat.mul(2)).toThrow('mul: a graph is used until backward consumes it');
    failing();
    expect(taken(() => Array.from({ length: 50 }, failing))).toBe(0);
  });
});

describe('values outlive', () => {
  const x = tensor([[1, -2, 3]]);

  test('of the root, after backward', () => {
    const w = randn([3, 2], { requiresGrad: true });
    const hidden = matmul(x, w);
    expect(isShared(hidden), 'what a graph computed is in kernel memory').toBe(true);
    const loss = hidden.square().sum();
    const before = loss.item();
    loss.backward();
    expect(isShared(loss)).toBe(false);
    for (let i = 0; i < 10; i++) matmul(x, w).square().sum().backward();
    expect(loss.item()).toBe(before);
  });

  test('of what noGrad returns, also through scopes within scopes', () => {
    const w = randn([3, 2], { requiresGrad: true });
    const kept = noGrad(() => noGrad(() => ({ all: [gelu(matmul(x, w))] })));
    const [y] = kept.all as [Tensor];
    const before = y.toArray();
    expect(isShared(y)).toBe(false);
    for (let i = 0; i < 10; i++) noGrad(() => gelu(matmul(x, w.mul(3))).sum());
    expect(y.toArray()).toEqual(before);
  });

  test('of plain ops', () => {
    const y = softmax(matmul(x, randn([3, 2])));
    expect(isShared(y)).toBe(false);
    expect(y.sum().item()).toBeCloseTo(1, 6);
  });

  test('of parameters and gradients, which are in kernel memory', () => {
    const model = tinyGpt();
    trainingOf(model)();
    for (const parameter of model.parameters()) {
      expect(isShared(parameter)).toBe(true);
      expect(isShared(parameter.grad!)).toBe(true);
    }
  });
});

test('a released tensor is an error that names the op', () => {
  const w = randn([3, 2], { requiresGrad: true });
  const hidden = gelu(matmul(tensor([[1, 2, 3]]), w));
  const inside: Tensor[] = [];
  noGrad(() => inside.push(hidden.mul(2)));
  hidden.sum().backward();
  const reused = 'a result is read before it is freed';
  expect(() => hidden.toArray()).toThrow(`gelu: ${reused}`);
  expect(() => hidden.add(1)).toThrow(`gelu: ${reused}`);
  expect(() => crossEntropy(inside[0]!, tensor([0], { dtype: 'int32' }))).toThrow(`mul: ${reused}`);
});

test('what does not fit in 4 GiB is a clear error, and everything goes on', () => {
  const step = trainingOf(tinyGpt());
  for (let i = 0; i < 3; i++) step();
  const size = kernelMemory().buffer.byteLength;
  const tooMuch = /^kernel memory: everything that is alive fits in 4 GiB.* GiB asked for. reduce batch size/;
  for (const bytes of [4.2e9, 6e9, 2 ** 33, 1e12]) expect(() => kernelPool.take(bytes)).toThrow(tooMuch);
  expect(kernelMemory().buffer.byteLength).toBe(size);
  expect(taken(() => step().item())).toBe(0);
  const block = kernelPool.take(12_345_678);
  expect(block.byteOffset + block.capacity).toBeLessThanOrEqual(kernelMemory().buffer.byteLength);
  kernelPool.give(block);
});

test('a call that does not fit gives back what it had taken for its other arrays', () => {
  const [out, indices] = [new Float32Array(2 ** 18), new Int32Array(2 ** 17)];
  const table = new Float32Array(2 ** 30); // 4 GiB of address space, never touched
  const call = () => kernels.gatherRows(out, table, indices, 2);
  expect(call).toThrow('kernel memory: everything that is alive fits in 4 GiB');
  expect(taken(() => Array.from({ length: 20 }, () => expect(call).toThrow('kernel memory')))).toBe(0);
});

/** After every round, what the garbage collector found goes back to the pool. */
const collectRounds = `
  import { setImmediate } from 'node:timers/promises';
  import { useBackend } from 'scratchformer';
  import { kernelMemoryInBlocks } from './src/kernels/wasm/memory.ts';
  import { tinyBatch, tinyGpt, trainingOf } from './test/support/tinyGpt.ts';
  useBackend('wasm', { threads: 1 });
  async function rounds(count, body) {
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < 10; j++) body();
      gc();
      for (let turn = 0; turn < 3; turn++) await setImmediate();
    }
    return kernelMemoryInBlocks();
  }`;

describe('the garbage collector reclaims', () => {
  test.each([
    ['models that were dropped, with their gradients and optimizers', 'trainingOf(tinyGpt())()'],
    ['forward passes that no backward follows', 'model.loss(...tinyBatch())'],
  ])('%s', async (_, body) => {
    const { code, output, errors } = await runScript(
      `${collectRounds}
      const model = tinyGpt();
      const early = await rounds(5, () => { ${body} });
      const late = await rounds(25, () => { ${body} });
      console.log(early, late);`,
      { flags: ['--expose-gc'] },
    );
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const [early, late] = output.split(' ').map(Number) as [number, number];
    expect(early).toBeGreaterThan(0);
    expect(late).toBeLessThanOrEqual(1.5 * early); // without collecting: six times as much
  });
});

test('a long synchronous loop leaves no JavaScript garbage that only the event loop could clear', async () => {
  const steps = 10_000;
  const { code, output } = await runScript(
    `import { randn, useBackend } from 'scratchformer';
    useBackend('wasm', { threads: 1 });
    const w = randn([4], { requiresGrad: true });
    const x = randn([4]);
    function used(steps) {
      for (let i = 0; i < steps; i++) {
        x.mul(w).sum().backward();
        w.zeroGrad();
      }
      gc();
      return process.memoryUsage().heapUsed;
    }
    used(${steps / 2});
    console.log((used(1) - used(${steps})) / -${steps});`,
    { flags: ['--expose-gc'] },
  );
  expect(code).toBe(0);
  expect(Number(output), 'bytes per step').toBeLessThan(60);
});
