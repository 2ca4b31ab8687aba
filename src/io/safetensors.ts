/**
 * The safetensors format: named tensors in one file, nothing in it is ever executed.
 *
 *   u64 N, little-endian · N bytes of JSON · the numbers, row-major and little-endian
 *   JSON: { name: { dtype, shape, data_offsets: [begin, end) in the numbers }, …, __metadata__: { string: string } }
 *
 * The tensors fill the numbers without holes or overlaps. A reader that insists on this cannot be led astray
 * by a damaged or malicious file. https://github.com/huggingface/safetensors
 */
import { check, display, Tensor } from '../tensor/index.ts';
import { arrayTypes, METADATA, parseHeader } from './safetensorsHeader.ts';

const nameOf = { float64: 'F64', float32: 'F32', int32: 'I32' } as const;
const MAX_HEADER = 100_000_000;

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
 * is an error that starts with `where` (a file's name, say).
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  where = 'decodeSafetensors',
): { tensors: Map<string, Tensor>; metadata: Map<string, string> } {
  check(bytes instanceof Uint8Array, where, 'the bytes are a Uint8Array', () => display(bytes));
  const { header, data } = splitFile(bytes, where);
  const { infos, metadata } = parseHeader(header, data.length, where);
  const tensors = infos.map(({ name, ArrayType, shape, begin, end }): [string, Tensor] => {
    const copy = new Uint8Array(data.subarray(begin, end)); // aligned, as the file need not be
    return [name, Tensor.over(new ArrayType(copy.buffer), shape)];
  });
  return { tensors: new Map(tensors), metadata };
}

function splitFile(bytes: Uint8Array, where: string): { header: Uint8Array; data: Uint8Array } {
  const cut = () => 'the file is cut off, or no safetensors file';
  check(
    bytes.length >= 8,
    where,
    'the file starts with the length of its header (8 bytes)',
    () => `${bytes.length} bytes`,
    cut,
  );
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  check(
    length <= MAX_HEADER && 8 + Number(length) <= bytes.length,
    where,
    `the header is at most ${MAX_HEADER} bytes and lies in the file`,
    () => `a header of ${length} bytes in a file of ${bytes.length}`,
    cut,
  );
  const start = 8 + Number(length);
  return { header: bytes.subarray(8, start), data: bytes.subarray(start) };
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
  return arrayTypes[nameOf[tensor.dtype]].BYTES_PER_ELEMENT;
}
