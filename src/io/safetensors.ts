/**
 * The safetensors format: named tensors in one file, nothing in it is ever executed.
 *
 *   u64 N, little-endian · N bytes of JSON · the numbers, row-major and little-endian
 *   JSON: { name: { dtype, shape, data_offsets: [begin, end) in the numbers }, …, __metadata__: { string: string } }
 *
 * The tensors fill the numbers without holes or overlaps. A reader that insists on this cannot be led astray
 * by a damaged or malicious file. https://github.com/huggingface/safetensors
 */
import { check, display, type Tensor } from '../tensor/index.ts';
import { headerLength, MAX_HEADER, METADATA, parseHeader, tensorOf } from './safetensorsHeader.ts';

const nameOf = { float64: 'F64', float32: 'F32', int32: 'I32' } as const;

/**
 * The bytes of a safetensors file. Tensors are ordered by dtype width, then name, and the header is padded to
 * a multiple of 8 bytes, so that the numbers are aligned. Errors: a name that the format cannot hold.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): Uint8Array {
  check((tensors as unknown) instanceof Map, 'encodeSafetensors', 'tensors are a Map by name', () =>
    display(tensors),
  );
  checkNames([...tensors.keys()], metadata);
  const sorted = [...tensors].sort(([a, x], [b, y]) => widthOf(y) - widthOf(x) || (a < b ? -1 : 1));
  const fields = Object.keys(metadata).length > 0 ? [`"${METADATA}":${JSON.stringify(metadata)}`] : [];
  let end = 0;
  for (const [name, tensor] of sorted) {
    const begin = end;
    end += tensor.size * widthOf(tensor);
    const info = { dtype: nameOf[tensor.dtype], shape: tensor.shape, data_offsets: [begin, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(info)}`);
  }
  const header = new TextEncoder().encode(`{${fields.join(',')}}`);
  const start = 8 + Math.ceil(header.length / 8) * 8;
  check(
    start - 8 <= MAX_HEADER,
    'encodeSafetensors',
    `the header is at most ${MAX_HEADER} bytes`,
    () => `${start - 8}`,
  );
  const bytes = new Uint8Array(start + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.fill(0x20, 8, start).set(header, 8);
  let at = start;
  for (const [, tensor] of sorted) {
    const { buffer, byteOffset, byteLength } = tensor.isContiguous ? tensor.data : tensor.toTypedArray();
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/**
 * The tensors, each with memory of its own, and the metadata of a safetensors file. Every fault of the bytes
 * is an error that starts with `where` (a file's name, say). F16 and BF16 become float32; I8, U8 and BOOL
 * int32; I64 float64.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  where = 'decodeSafetensors',
): { tensors: Map<string, Tensor>; metadata: Map<string, string> } {
  check(bytes instanceof Uint8Array, where, 'the bytes are a Uint8Array', () => display(bytes));
  const start = 8 + headerLength(bytes.subarray(0, 8), bytes.length, where);
  const data = bytes.subarray(start);
  const { infos, metadata } = parseHeader(bytes.subarray(8, start), data.length, where);
  const tensors = infos.map((info): [string, Tensor] => {
    const copy = new Uint8Array(data.subarray(info.begin, info.end)); // aligned, as the file need not be
    return [info.name, tensorOf(info, copy.buffer, where)];
  });
  return { tensors: new Map(tensors), metadata };
}

function checkNames(names: readonly string[], metadata: Record<string, string>): void {
  for (const text of [...names, ...Object.entries(metadata).flat()]) {
    check(
      typeof text === 'string' && !/\p{Surrogate}/u.test(text),
      'encodeSafetensors',
      'names and metadata are well-formed strings',
      () => JSON.stringify(text),
    );
  }
  check(!names.includes(METADATA), 'encodeSafetensors', `no tensor has the name ${METADATA}`, () => METADATA);
}

function widthOf(tensor: Tensor): number {
  return tensor.dtype === 'float64' ? 8 : 4;
}
