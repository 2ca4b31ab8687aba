/**
 * ONNX Runtime for Node and transformers.js, which are too heavy to be installed with the project:
 * SCRATCHFORMER_ONNX names a folder into which somebody has installed them,
 *
 *     npm install --prefix FOLDER --ignore-scripts onnxruntime-node @huggingface/transformers
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const folder = process.env.SCRATCHFORMER_ONNX;

/** Why there is none, to be said of a test that is left out; null if there is. */
export const noOnnx = folder ? null : 'SCRATCHFORMER_ONNX names no folder with onnxruntime-node';

type Dimensions = readonly number[];
interface OnnxTensor {
  readonly data: Float32Array;
  readonly dims: Dimensions;
}
interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(inputs: Record<string, OnnxTensor>): Promise<Record<string, OnnxTensor>>;
}
interface OnnxRuntime {
  readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<Session> };
  readonly Tensor: new (
    type: 'float32' | 'int64',
    data: Float32Array | BigInt64Array,
    dims: Dimensions,
  ) => OnnxTensor;
}

/** The module of that name in the folder. */
export function fromFolder<T>(name: string): T {
  return createRequire(join(folder!, 'package.json'))(name) as T;
}

/**
 * A model, and tensors for it. Above the level 'basic' the runtime rounds what int8 weights are multiplied with, too.
 */
export async function openOnnx(bytes: Uint8Array, graphOptimizationLevel: 'all' | 'basic' = 'all') {
  const { InferenceSession, Tensor } = fromFolder<OnnxRuntime>('onnxruntime-node');
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel });
  return {
    session,
    floats: (data: ArrayLike<number>, dims: Dimensions) =>
      new Tensor('float32', Float32Array.from(data), dims),
    ints: (data: ArrayLike<number>, dims: Dimensions) =>
      new Tensor('int64', BigInt64Array.from(Array.from(data), BigInt), dims),
  };
}
