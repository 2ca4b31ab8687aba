/** Numbers on a GPU and on the host: whoever wants them finds what was written last. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { AdamW, Lion } from '../../../optimizers/index.ts';
import { backward, defineOp, noGrad } from '../../../src/autograd/index.ts';
import { kernels, useBackend } from '../../../src/kernels/index.ts';
import * as js from '../../../src/kernels/js/index.ts';
import { run } from '../../../src/kernels/webgpu/kernel.ts';
import { large } from '../../../src/kernels/webgpu/matmulText.ts';
import { moved } from '../../../src/kernels/webgpu/transfers.ts';
import { Linear } from '../../../src/nn/index.ts';
import { add, concat, contiguous, mul, slice, sum } from '../../../src/ops/index.ts';
import { empty, manualSeed, persistentZeros, randn, type Tensor } from '../../../src/tensor/index.ts';
import { lackOfAdapter } from '../../support/adapter.ts';

const nearPlace = (x: Tensor) => {
  const place = persistentZeros(x.shape, x.dtype);
  place.data.set(x.data);
  return place;
};

describe.skipIf(lackOfAdapter !== null)('on a GPU', () => {
  beforeAll(() => {
    useBackend('webgpu', { threads: 1 });
  });
  afterAll(() => {
    useBackend('js');
  });
  const said: string[] = [];
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockImplementation((text: string) => void said.push(text));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    said.length = 0;
  });

  test('what is written last is read, on either side', () => {
    const x = nearPlace(randn([1000]));
    const expected = x.toTypedArray();
    kernels.scale(x.memory, 2); // on the device
    expect(x.values).toEqual(expected.map((value) => 2 * value));
    x.data[7] = 5; // on the host: the device's are stale
    kernels.scale(x.memory, 3);
    expect(x.values[7]).toBe(15);
    expect(x.values[8]).toBe(Math.fround(6 * expected[8]!));
    const before = { ...moved };
    kernels.scale(x.memory, 1); // reading left them valid there: nothing goes over
    expect(moved).toEqual(before);
    expect(x.strided([3], [2], 4).toTypedArray()).toEqual(
      Float32Array.of(x.values[4]!, x.values[6]!, x.values[8]!),
    );
    expect(x.strided([], [], 7).item()).toBe(15);
  });

  test('parts and views work in place, beside each other in one block', () => {
    const x = nearPlace(randn([4, 6]));
    const expected = x.toTypedArray();
    const row = (i: number) => x.strided([6], [1], 6 * i);
    kernels.copy(row(1).memoryView, row(2).memoryView);
    kernels.binary('mul', row(0).memoryView, row(0).memoryView, row(3).memoryView);
    kernels.softmax(x.storage.part(18, 6), x.storage.part(12, 6), 2, 3);
    for (let i = 0; i < 6; i++) {
      expected[6 + i] = expected[12 + i]!;
      expected[i] = expected[i]! * expected[18 + i]!;
    }
    js.softmax(expected.subarray(18) as Float32Array, expected.subarray(12, 18) as Float32Array, 2, 3);
    x.values.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
  });

  test('an op that loops in JavaScript works, and one warning says what it moves', () => {
    const cube = defineOp({
      name: 'cube',
      forward(x: Tensor) {
        const output = empty(x.shape, x.dtype);
        const [from, to] = [x.data, output.data];
        for (let i = 0; i < to.length; i++) to[i] = from[i]! ** 3;
        return { output, saved: { x } };
      },
      backward(dy, { x }) {
        const dx = empty(x.shape, x.dtype);
        const [d, from, to] = [contiguous(dy).data, x.data, dx.data];
        for (let i = 0; i < to.length; i++) to[i] = d[i]! * 3 * from[i]! ** 2;
        return [dx];
      },
    });
    const x = nearPlace(randn([40, 50]));
    x.requiresGrad = true;
    for (let step = 0; step < 2; step++) {
      x.zeroGrad();
      backward(sum(cube(mul(x, 2))));
      x.grad!.values.forEach((value, i) => {
        expect(value).toBeCloseTo(24 * x.values[i]! ** 2, 3);
      });
    }
    expect(said.filter((text) => text.startsWith('webgpu: cube computes on the host'))).toHaveLength(1);
    expect(said[0]).toContain('0.008 MB');
  });

  test('optimizers, with and without a kernel of their own, step as on the processor', () => {
    const train = (name: 'js' | 'webgpu', make: (layer: Linear) => AdamW | Lion) => {
      useBackend(name);
      manualSeed(1);
      const layer = new Linear(7, 5);
      const optimizer = make(layer);
      const x = randn([3, 7]);
      for (let step = 0; step < 3; step++) {
        optimizer.zeroGrad();
        backward(sum(mul(layer.forward(x), layer.forward(x))));
        optimizer.step();
      }
      return layer.weight.toTypedArray();
    };
    for (const make of [
      (layer: Linear) => new AdamW(layer.parameters(), { lr: 0.01 }),
      (layer: Linear) => new Lion(layer.parameters(), { lr: 0.01 }),
    ]) {
      const expected = train('js', make);
      train('webgpu', make).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 5);
      });
    }
  });

  test('what was made here is of use to other kernels, and what noGrad returns is plain', () => {
    const x = nearPlace(randn([3, 4]));
    const y = noGrad(() => add(slice(concat([x, x]), { axis: 0, start: 1, end: 4 }), 1));
    expect(y.storage.isBeside).toBe(false);
    kernels.scale(x.memory, 2);
    useBackend('js');
    expect(add(x, x).toTypedArray()).toEqual(x.toTypedArray().map((value) => 2 * value));
    kernels.scale(x.memory, 0.5);
    useBackend('webgpu', { threads: 1 });
    expect(add(x, 1).toTypedArray().slice(4)).toEqual(y.toTypedArray().slice(0, 8));
  });

  test('tiles of 128×128, which GPUs get, and products whose depth is cut in pieces', () => {
    const [m, n, k] = [130, 137, 600];
    const [a, b, bias] = [randn([m * k]), randn([k * n]), randn([n])].map(
      ({ data }) => data,
    ) as Float32Array[];
    const [expected, c] = [new Float32Array(m * n), new Float32Array(m * n)];
    for (const [transposeA, transposeB] of [
      [false, true],
      [true, false],
    ] as const) {
      const near = (what: string) => {
        const worst = Math.max(...c.map((value, i) => Math.abs(value - expected[i]!)));
        expect(worst, what).toBeLessThan(2e-4);
      };
      js.matmul(expected, a!, b!, bias!, { m, n, k, transposeA, transposeB });
      kernels.matmul(c, a!, b!, bias!, { m, n, k, transposeA, transposeB });
      near('in pieces');
      const sizes = [m, n, k, Number(transposeA), Number(transposeB), 0, 0, 0, 1, 0];
      run(large, [c], [a!, b!, bias!], sizes, [2, 2]);
      near('large tiles');
    }
  });
});
