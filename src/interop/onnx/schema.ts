/**
 * The messages of an ONNX file, as far as they are needed: names, types and numbers of their fields, as the
 * specification gives them. https://onnx.ai/onnx/repo-docs/IR.html
 */
import { fail } from '../../tensor/index.ts';

const field = (type: string, id: number) => ({ type, id });
const list = (type: string, id: number) => ({ rule: 'repeated', type, id });

const messages = {
  Model: { irVersion: field('int64', 1), producerName: field('string', 2), graph: field('Graph', 7), opsetImport: list('OperatorSet', 8) },
  OperatorSet: { domain: field('string', 1), version: field('int64', 2) },
  Graph: { node: list('Node', 1), name: field('string', 2), initializer: list('Tensor', 5), input: list('ValueInfo', 11), output: list('ValueInfo', 12) },
  Node: { input: list('string', 1), output: list('string', 2), name: field('string', 3), opType: field('string', 4), attribute: list('Attribute', 5) },
  Attribute: { name: field('string', 1), f: field('float', 2), i: field('int64', 3), ints: list('int64', 8), type: field('int32', 20) },
  Tensor: { dims: list('int64', 1), dataType: field('int32', 2), name: field('string', 8), rawData: field('bytes', 9) },
  ValueInfo: { name: field('string', 1), type: field('Type', 2) },
  Type: { tensorType: field('TensorType', 1) },
  TensorType: { elemType: field('int32', 1), shape: field('Shape', 2) },
  Shape: { dim: list('Dimension', 1) },
  Dimension: { dimValue: field('int64', 1), dimParam: field('string', 2) },
}; // biome-ignore format: a table

/** Numbers of types: of tensors, and of attributes. */
export const elementTypes = { float: 1, int8: 3, int64: 7 } as const;
export const attributeTypes = { float: 1, int: 2, ints: 7 } as const;

/** The bytes of a model in these messages. Errors: the package `protobufjs` is missing. */
export async function encodeModel(model: object): Promise<Uint8Array> {
  const { default: protobuf } = await import('protobufjs/light.js').catch(() =>
    fail('export onnx', 'the optional package protobufjs is there', 'none', 'npm install protobufjs'),
  );
  const nested = Object.fromEntries(Object.entries(messages).map(([name, fields]) => [name, { fields }]));
  const Model = protobuf.Root.fromJSON({ nested }).lookupType('Model');
  return Model.encode(Model.fromObject(model)).finish();
}
