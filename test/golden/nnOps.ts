/**
 * Compares ops with what PyTorch computed (nnOps.py, gptOps.py, visionOps.py): the value and the gradient of
 * every float input.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { backward } from '../../src/autograd/index.ts';
import { type DType, Tensor, tensor } from '../../src/tensor/index.ts';

interface Packed {
  readonly shape: number[];
  readonly data: number[];
}

interface Case {
  readonly inputs: Record<string, Packed>;
  readonly y: Packed;
  readonly dy: Packed;
  readonly grads: Record<string, Packed>;
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as Record<string, Case & Packed>;

const file = { ...read('./nnOps.json'), ...read('./gptOps.json'), ...read('./visionOps.json') };

const tolerance = { float64: 1e-12, float32: 1e-6 };

/** A tensor of the file that several cases share. */
export const goldenTensor = (name: string, dtype: DType) => unpack(file[name]!, dtype);

function unpack({ shape, data }: Packed, dtype: DType): Tensor {
  return Tensor.over(tensor(data, { dtype }).data, shape);
}

/** `f` gets the inputs of the case in their order, in both float types one after the other. */
export function expectGolden(
  name: string,
  f: (...inputs: Tensor[]) => Tensor,
  dtypes: readonly ('float64' | 'float32')[] = ['float64', 'float32'],
): void {
  const { inputs, y, dy, grads } = file[name]!;
  for (const dtype of dtypes) {
    const leaves = Object.entries(inputs).map(([key, input]) =>
      unpack(input, key in grads ? dtype : 'int32'),
    );
    for (const leaf of leaves) leaf.requiresGrad = leaf.dtype !== 'int32';
    const output = f(...leaves);
    expect(output.dtype).toBe(dtype);
    expectClose(`${name}: y in ${dtype}`, output, y, tolerance[dtype]);
    backward(output, unpack(dy, dtype));
    Object.keys(inputs).forEach((key, i) => {
      if (grads[key])
        expectClose(`${name}: d${key} in ${dtype}`, leaves[i]!.grad!, grads[key], tolerance[dtype]);
    });
  }
}

/**
 * |got − expected| ≤ tolerance·max(1, |expected|), or relative to the largest entry where float32 rounds the
 * sums.
 */
function expectClose(what: string, got: Tensor, { shape, data }: Packed, tolerance: number): void {
  expect([...got.shape], what).toEqual(shape);
  const values = got.toTypedArray();
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  data.forEach((expected, i) => {
    const scale = tolerance < 1e-9 ? Math.max(1, Math.abs(expected)) : largest;
    const difference = Math.abs(values[i]! - expected);
    expect(difference <= tolerance * scale, `${what}[${i}]: ${values[i]}, expected ${expected}`).toBe(true);
  });
}
