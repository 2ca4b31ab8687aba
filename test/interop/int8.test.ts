/** Weights in int8: how far they are rounded, and what is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import { onnxFiles, roundToInt8 } from '../../src/interop/index.ts';
import { toInt8 } from '../../src/interop/int8.ts';
import { Tensor } from '../../src/tensor/index.ts';

test('every number is within half a step of its row, or column', () => {
  const numbers = fc.float32Array({ minLength: 12, maxLength: 12, noNaN: true, noDefaultInfinity: true, min: -(2 ** 90), max: 2 ** 90 }); // biome-ignore format: one line
  fc.assert(
    fc.property(numbers, fc.constantFrom(0, 1), (values, axis) => {
      const { values: q, scales } = toInt8(Tensor.over(values, [3, 4]), axis);
      for (const [i, x] of values.entries()) {
        const scale = scales[axis === 0 ? Math.floor(i / 4) : i % 4]!;
        if (scale < 1e-38) continue; // below the normal numbers nothing keeps its digits
        expect(Math.abs(q[i]!)).toBeLessThanOrEqual(127);
        expect(Math.abs(x - q[i]! * scale)).toBeLessThanOrEqual(0.50001 * scale);
      }
    }),
  );
});

test('matrices and tables are rounded, norms and biases are not; the file is a fourth', async () => {
  const model = new GPT({ vocabSize: 200, context: 32, layers: 2, heads: 4, width: 64, bias: true });
  const before = model.stateDict();
  const files = await onnxFiles(model);
  roundToInt8(model);
  for (const [name, x] of model.stateDict()) {
    const levels = new Set(x.toTypedArray().subarray(0, x.shape[1] ?? 0)).size;
    const isMatrix = x.rank === 2;
    expect([name, isMatrix ? levels <= 255 : x.toArray()]).toEqual([name, isMatrix ? true : before.get(name)!.toArray()]); // biome-ignore format: one line
    expect([name, JSON.stringify(x.toArray()) !== JSON.stringify(before.get(name)!.toArray())]).toEqual([
      name,
      isMatrix,
    ]);
  }
  const sizes = ['model', 'model_int8'].map((name) => files.get(`onnx/${name}.onnx`)!.length);
  expect(sizes[1]! / sizes[0]!).toBeLessThan(0.4);
});
