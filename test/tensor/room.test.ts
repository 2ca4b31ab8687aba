/** What is too large for any memory is refused before anything is allocated, in words. */
import ndarray from 'ndarray';
import { afterEach, describe, expect, test } from 'vitest';
import { BERT, GPT, LSTMLanguageModel, Transformer } from '../../models/index.ts';
import { pad, randomBatch } from '../../src/data/index.ts';
import { useBackend } from '../../src/kernels/index.ts';
import { Embedding, Linear } from '../../src/nn/index.ts';
import { add, matmul, repeatInterleave } from '../../src/ops/index.ts';
import {
  arange, full, InvariantError, ones, persistentZeros, randn, Tensor, tensor, zeros,
} from '../../src/tensor/index.ts'; // biome-ignore format: a list
import { heapPool } from '../../src/tensor/pool.ts';
import { program } from '../support/program.ts';
import { runNode } from '../support/runScript.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const column = zeros([1e6, 1]);
const row = zeros([1, 1e6]);

/** What is asked for, who says so, and the shape, number type and GiB that it names. */
const cases: [title: string, body: () => unknown, where: string, got: string][] = [
  ['zeros', () => zeros([1e21]), 'zeros', '(1e+21) float32, which is 3725000000000 GiB'],
  ['zeros, twice the bytes', () => zeros([2 ** 31, 4]), 'zeros', '(2147483648, 4) float32, which is 32 GiB'],
  ['ones, one row too many', () => ones([2 ** 20 + 1, 2 ** 10]), 'ones', '(1048577, 1024) float32, which is 4.001 GiB'],
  ['float64', () => full([1e10], 1, { dtype: 'float64' }), 'full', '(10000000000) float64, which is 74.51 GiB'],
  ['randn', () => randn([1e10]), 'randn', '(10000000000) float32, which is 37.25 GiB'],
  ['arange', () => arange(1e12), 'arange', '(1000000000000) int32, which is 3725 GiB'],
  ['an ndarray', () => tensor(ndarray(new Float32Array(1), [1e6, 1e6], [0, 0])), 'toTypedArray', '(1000000, 1000000) float32, which is 3725 GiB'],
  ['a copy', () => Tensor.overNdarray(ndarray(new Float32Array(1), [1e12], [0])).toTypedArray(), 'toTypedArray', '(1000000000000) float32, which is 3725 GiB'],
  ['state', () => persistentZeros([1e21]), 'persistentZeros', '(1e+21) float32, which is 3725000000000 GiB'],
  ['an element-wise op', () => add(column, row), 'add', '(1000000, 1000000) float32, which is 3725 GiB'],
  ['a product', () => matmul(column, row), 'matmul', '(1000000, 1000000) float32, which is 3725 GiB'],
  ['repetition', () => repeatInterleave(column, 1e12, 0), 'repeatInterleave', '(1000000000000000000, 1) float32, which is 3725000000 GiB'],
  ['Linear', () => new Linear(1e9, 1e9), 'rand', '(1000000000, 1000000000) float32, which is 3725000000 GiB'],
  ['Embedding', () => new Embedding(1e9, 1e3), 'randn', '(1000000000, 1000) float32, which is 3725 GiB'],
  ['a wide GPT', () => new GPT({ vocabSize: 65, context: 64, width: 1e9 }), 'randn', '(65, 1000000000) float32, which is 242.1 GiB'],
  ['a batch', () => randomBatch(new Int32Array(99), { batchSize: 1e12, context: 9 }), 'randomBatch', '(1000000000000, 9) int32, which is 33530 GiB'],
  ['padding', () => pad([new Int32Array(2 ** 20), ...new Array(1024).fill([1])], 0), 'pad', '(1025, 1048576) int32, which is 4.004 GiB'],
]; // biome-ignore format: a table

describe.each(['js', 'wasm'] as const)('%s: more than 4 GiB', (backend) => {
  afterEach(() => {
    useBackend('js');
  });

  test.each(cases)('%s', (_, body, where, got) => {
    useBackend(backend, { threads: 1 });
    const taken = process.memoryUsage().arrayBuffers;
    expect(body).toThrow(new InvariantError(`${where}: a tensor takes at most 4 GiB. got ${got}.`));
    expect(process.memoryUsage().arrayBuffers - taken).toBeLessThan(2 ** 26);
  });
});

test('a tensor of 4 GiB and what the system refuses: the first is not refused, the second is a clear error', () => {
  useBackend('js');
  const { ArrayBuffer: Real } = globalThis;
  const asked: number[] = [];
  globalThis.ArrayBuffer = class extends Real {
    constructor(bytes: number) {
      asked.push(bytes);
      if (bytes > 2 ** 20) throw new RangeError('Array buffer allocation failed');
      super(bytes);
    }
  } as ArrayBufferConstructor;
  try {
    const error =
      'persistentZeros: the system has the memory for a tensor. got (1024, 1048576) float32, which is 4 GiB.';
    expect(() => persistentZeros([1024, 2 ** 20])).toThrow(new InvariantError(error));
  } finally {
    globalThis.ArrayBuffer = Real;
  }
  expect(asked).toEqual([2 ** 32]);
  expect(heapPool.take(2 ** 20).capacity).toBe(2 ** 20);
});

test.each([
  ['GPT', (layers: number) => new GPT({ vocabSize: 3, context: 2, width: 4, layers })],
  ['BERT', (layers: number) => new BERT({ vocabSize: 3, context: 2, width: 4, layers })],
  [
    'Transformer',
    (layers: number) => new Transformer({ vocabSize: 3, context: 2, width: 4, heads: 1, layers }),
  ],
  [
    'LSTMLanguageModel',
    (layers: number) => new LSTMLanguageModel({ vocabSize: 3, width: 4, hidden: 4, layers }),
  ],
])('more layers than anybody trains are refused, not built for hours: %s', (name, build) => {
  expect(() => build(10_001)).toThrow(new InvariantError(`${name}: layers is at most 10000. got 10001.`));
});

test.each([
  ['--width', '1000000000', 'randn: a tensor takes at most 4 GiB. got ('],
  ['--context', '1e21', 'zeros: a tensor takes at most 4 GiB. got (1e+21, 48)'],
  ['--batch-size', '1e12', 'randomBatch: a tensor takes at most 4 GiB. got (1000000000000, 64)'],
  ['--layers', '1e9', 'GPT: layers is at most 10000. got 1000000000.'],
])('train %s %s is one line of error', async (flag, value, message) => {
  const args = ['train', '--out', temporaryFolder(), flag, value];
  const { code, errors } = await runNode([program, ...args]);
  expect(code).toBe(1);
  expect(errors).toMatch(/^error: [^\n]+\n$/);
  expect(errors).toContain(message);
});
