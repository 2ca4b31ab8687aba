import { check, sizeOf, type Tensor } from '../../tensor/index.ts';
import { toInt8 } from '../int8.ts';
import { attributeTypes, elementTypes, encodeModel } from './schema.ts';

/** The opset whose operators are used, and the version of the file format that came with it. */
const OPSET = 17;
const IR_VERSION = 8;
/** Bytes that a message can have: protobuf counts them in 31 bits. */
const MOST_BYTES = 2 ** 31 - 1;

/** A value of the graph by its name; a number stands for a float constant. */
export type Value = string | number;
/** Attributes: whole numbers, lists of them, and floats, which say so. */
export type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;
type Size = number | string;
const widths = { float: 4, int8: 1, int64: 8 };

/** An ONNX graph that grows node by node. */
export class Graph {
  readonly #int8: boolean;
  readonly #nodes: object[] = [];
  readonly #tensors = new Map<string, object>();
  readonly #inputs: object[] = [];
  readonly #outputs: object[] = [];

  /** Declares an input; sizes that are words may be any. */
  input(name: string, type: keyof typeof elementTypes, shape: readonly Size[]): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Makes a value an output of that name. */
  output(name: string, value: Value, shape: readonly Size[]): void {
    this.#node('Identity', [value], [name], {});
    this.#outputs.push(valueInfo(name, 'float', shape));
  }

  /** @param int8 whether matrices are kept in int8 */
  constructor({ int8 = false } = {}) {
    this.#int8 = int8;
  }

  /** A matrix, float32 or in int8. @param axis along which each index has a scale */
  matrix(name: string, tensor: Tensor, axis: number): string {
    if (!this.#int8) return this.weight(name, tensor);
    const { values, scales } = toInt8(tensor, axis);
    const numbers = this.#keep(`${name} int8`, 'int8', tensor.shape, new Uint8Array(values.buffer));
    const scale = this.#keep(`${name} scales`, 'float', [scales.length], new Uint8Array(scales.buffer));
    return this.run('DequantizeLinear', [numbers, scale], { axis });
  }

  /** The numbers of a parameter, as float32. */
  weight(name: string, tensor: Tensor): string {
    const data = Float32Array.from(tensor.toTypedArray());
    return this.#keep(name, 'float', tensor.shape, new Uint8Array(data.buffer));
  }

  /** A constant list of whole numbers, or with an empty shape one. */
  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    const name = `int64 ${shape.length === 0 ? values[0] : `[${values}]`}`;
    return this.#keep(name, 'int64', shape, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  /** The output of a new node. */
  run(op: string, inputs: readonly Value[], attributes: Attributes = {}): string {
    return this.split(op, inputs, 1, attributes)[0]!;
  }

  /** The outputs of a new node. */
  split(op: string, inputs: readonly Value[], count: number, attributes: Attributes = {}): string[] {
    const outputs = Array.from(
      { length: count },
      (_, i) => `${op} ${this.#nodes.length}${i > 0 ? `.${i}` : ''}`,
    );
    this.#node(op, inputs, outputs, attributes);
    return outputs;
  }

  /** The bytes of the file. */
  async encode(name: string): Promise<Uint8Array> {
    const initializer = [...this.#tensors.values()];
    const bytes = initializer.reduce(
      (sum: number, tensor) => sum + (tensor as { rawData: Uint8Array }).rawData.length,
      0,
    );
    check(bytes < MOST_BYTES, 'export onnx', 'the weights fit into one file of 2 GB', () => `${bytes} bytes`);
    const graph = { name, node: this.#nodes, initializer, input: this.#inputs, output: this.#outputs };
    const opsetImport = [{ domain: '', version: OPSET }];
    return encodeModel({ irVersion: IR_VERSION, producerName: 'scratchformer', graph, opsetImport });
  }

  #node(opType: string, inputs: readonly Value[], output: readonly string[], attributes: Attributes): void {
    const input = inputs.map((value) => (typeof value === 'number' ? this.#float(value) : value));
    const attribute = Object.entries(attributes).map(([name, value]) => ({ name, ...attributeOf(value) }));
    this.#nodes.push({ opType, name: output[0], input, output, attribute });
  }

  #float(value: number): string {
    return this.#keep(`float ${value}`, 'float', [], new Uint8Array(Float32Array.of(value).buffer));
  }

  /** A constant, which is there once. */
  #keep(name: string, type: keyof typeof elementTypes, dims: readonly number[], rawData: Uint8Array): string {
    check(rawData.length === sizeOf(dims) * widths[type], 'export onnx', 'sizes fit', () => name);
    this.#tensors.set(name, { name, dims, dataType: elementTypes[type], rawData });
    return name;
  }
}

function attributeOf(value: Attributes[string]): object {
  if (typeof value === 'number') return { type: attributeTypes.int, i: value };
  return 'float' in value
    ? { type: attributeTypes.float, f: value.float }
    : { type: attributeTypes.ints, ints: value };
}

function valueInfo(name: string, type: keyof typeof elementTypes, shape: readonly Size[]): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}
