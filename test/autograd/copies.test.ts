import { afterEach, beforeEach, expect, test } from 'vitest';
import { defineOp } from '../../src/autograd/index.ts';
import '../../src/fluent.ts';
import { useBackend } from '../../src/kernels/index.ts';
import { inKernelMemory, kernelMemoryInBlocks } from '../../src/kernels/wasm/memory.ts';
import { Parameter } from '../../src/nn/index.ts';
import { broadcastTo, linear, mul } from '../../src/ops/index.ts';
import { floats, integers } from '../../src/ops/operands.ts';
import {
  type Memory,
  persistentZeros,
  randn,
  type Tensor,
  type TypedArray,
  tensor,
} from '../../src/tensor/index.ts';

beforeEach(() => {
  useBackend('wasm', { threads: 1 });
});
afterEach(() => {
  w.zeroGrad();
  useBackend('js');
});

const x = randn([6, 5]); // the user's numbers: on the heap
const w = new Parameter(randn([3, 5]), { role: 'weight' });

/** Σ x, which says where the numbers of x were for forward, for forward once more, and for backward. */
function placesOf(x: Tensor): Memory[] {
  const places: Memory[] = [];
  const look = defineOp({
    name: 'look',
    forward(x: Tensor, w: Tensor) {
      places.push(handleOf(x), handleOf(x));
      return { output: w.strided([], [], 0), saved: { x, w } };
    },
    backward(dy, { x, w }) {
      places.push(handleOf(x));
      return [null, broadcastTo(dy, w.shape)];
    },
  });
  look(x, w).backward();
  return places;
}

const handleOf = (x: Tensor) => (x.dtype === 'int32' ? integers(x) : floats(x));

test('plain data is copied once for an op, and its backward takes the same copy', () => {
  for (const plain of [x, x.transpose(), tensor([4, 0, 2], { dtype: 'int32' })]) {
    const [first, second, third] = placesOf(plain);
    expect(inKernelMemory(first as TypedArray)).toBe(true);
    expect(second).toBe(first);
    expect(third).toBe(first);
  }
});

test('so a batch may be written over before backward', () => {
  const batch = randn([6, 5]);
  linear(batch, w).square().sum().backward();
  const expected = w.grad!.toTypedArray();
  w.zeroGrad();
  const loss = linear(batch, w).square().sum();
  batch.data.fill(0);
  loss.backward();
  expect(w.grad!.toTypedArray()).toEqual(expected);
});

test('the copies go back: steps take no new memory, also where an op saves no copy that it made', () => {
  const bias = randn([3]);
  const step = () => {
    const y = linear(mul(x, 2), w, bias); // the bias is copied, but not saved
    y.add(linear(x, w)).square().sum().backward();
    w.zeroGrad();
  };
  step();
  const before = kernelMemoryInBlocks();
  for (let i = 0; i < 20; i++) step();
  expect(kernelMemoryInBlocks()).toBe(before);
});

test('a retained graph keeps its copies, and gives the same gradient again', () => {
  const loss = linear(x, w).square().sum();
  loss.backward(undefined, { retainGraph: true });
  const first = w.grad!.toTypedArray();
  w.zeroGrad();
  loss.backward();
  expect(w.grad!.toTypedArray()).toEqual(first);
});

test('what lies in kernel memory is not copied, nor is anything in JavaScript', () => {
  const near = persistentZeros([6, 5]);
  expect(placesOf(near)).toEqual([near.memory, near.memory, near.memory]);
  expect(placesOf(near)[0]).toBe(near.memory);
  useBackend('js');
  expect(placesOf(x)[0]).toBe(x.memory);
});
