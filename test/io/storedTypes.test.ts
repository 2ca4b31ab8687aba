/** Number types that files have and memory has not: what they become, and what is refused. */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors, openSafetensors, openShards } from '../../src/io/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { golden } from '../support/golden.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** A file of one tensor `a`, (n), of any type. */
function fileOf(dtype: string, width: number, data: Uint8Array): Uint8Array {
  const info = { dtype, shape: [data.length / width], data_offsets: [0, data.length] };
  const json = Buffer.from(JSON.stringify({ a: info }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return new Uint8Array(Buffer.concat([length, json, data]));
}
const bytesOf = (numbers: ArrayBufferView<ArrayBuffer>) => new Uint8Array(numbers.buffer);
const read = (dtype: string, numbers: Uint16Array | BigInt64Array | Uint8Array) =>
  decodeSafetensors(
    fileOf(dtype, numbers.BYTES_PER_ELEMENT, bytesOf(numbers as Uint8Array<ArrayBuffer>)),
    'f.safetensors',
  ).tensors.get('a')!;

const { file, values } = golden<{
  file: string;
  values: Record<string, { shape: number[]; values: number[] }>;
}>('storedTypes');
const memoryType: Record<string, string> = {
  F64: 'float64', F32: 'float32', F16: 'float32', BF16: 'float32', I64: 'float64', I32: 'int32', I8: 'int32', U8: 'int32', BOOL: 'int32', odd: 'int32',
}; // biome-ignore format: a table

describe('number types', () => {
  test('of a file by the library of the format have its values, to the bit', async () => {
    const bytes = new Uint8Array(Buffer.from(file, 'base64'));
    const path = join(temporaryFolder(), 'all.safetensors');
    writeFileSync(path, bytes);
    const opened = await openSafetensors(path);
    const { tensors } = decodeSafetensors(bytes);
    expect([...opened.shapes.keys()].sort()).toEqual(Object.keys(values).sort());
    for (const [name, { shape, values: wanted }] of Object.entries(values)) {
      for (const got of [tensors.get(name)!, await opened.read(name)]) {
        expect([got.dtype, got.shape, opened.shapes.get(name)], name).toEqual([
          memoryType[name],
          shape,
          shape,
        ]);
        expect([...got.data], name).toEqual(wanted);
      }
    }
    await opened.close();
  });

  test('half precision: all 65,536', () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const wanted = Array.from(halves, (h) => {
      const [sign, exponent, fraction] = [h >> 15 ? -1 : 1, (h >> 10) & 31, h & 1023];
      if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
      return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
    });
    expect([...read('F16', halves).data]).toEqual(wanted);
  });

  test('brain floats: all 65,536', () => {
    const upper = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const view = new DataView(new ArrayBuffer(4));
    const wanted = Array.from(upper, (bits) => {
      view.setUint16(0, bits);
      return view.getFloat32(0);
    });
    expect([...read('BF16', upper).data]).toEqual(wanted);
  });

  test('whole numbers that float64 would round, and truths that are neither, are errors', () => {
    expect([...read('I64', BigInt64Array.of(2n ** 53n - 1n, -(2n ** 53n) + 1n)).data]).toEqual([
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ]);
    const error = (number: bigint) =>
      `f.safetensors: tensor "a": numbers of type I64 lie within ±2⁵³, where float64 is exact. got ${number}.`;
    for (const number of [2n ** 53n, -(2n ** 53n), -(2n ** 63n)])
      expect(() => read('I64', BigInt64Array.of(0n, number))).toThrow(error(number));
    expect(() => read('BOOL', Uint8Array.of(0, 1, 2))).toThrow('values of type BOOL are 0 or 1. got 2.');
  });
});

describe('a file that is opened', () => {
  test('is read with the checks of one that is decoded', async () => {
    const folder = temporaryFolder();
    const good = encodeSafetensors(new Map([['a', tensor([1, 2])]]));
    const faults: [string, Uint8Array, string][] = [
      ['empty', new Uint8Array(0), 'starts with the length of its header (8 bytes). got 0 bytes'],
      ['cut', good.subarray(0, good.length - 1), 'the file is cut off'],
      ['longer', new Uint8Array([...good, 0]), 'something was appended to it'],
      ['huge', Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0), 'the header is at most 100000000 bytes'],
    ];
    for (const [name, bytes, message] of faults) {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      await expect(openSafetensors(path), name).rejects.toThrow(message);
      await expect(openSafetensors(path), name).rejects.toThrow(path);
    }
    await expect(openSafetensors(join(folder, 'none'))).rejects.toThrow('the file can be opened. got ENOENT');
    const path = join(folder, 'good');
    writeFileSync(path, good);
    const file = await openSafetensors(path);
    await expect(file.read('b')).rejects.toThrow('the file has the tensor. got "b"');
    writeFileSync(path, good.subarray(0, good.length - 1));
    await expect(file.read('a')).rejects.toThrow('the file stays as long as it was');
    await file.close();
  });
});

test('a tensor is read from a file larger than any array', async () => {
  const path = join(temporaryFolder(), 'sparse');
  const width = 2 ** 33; // bytes; nothing is written there, so the disk holds none of them
  const header = {
    huge: { dtype: 'U8', shape: [width], data_offsets: [0, width] },
    last: { dtype: 'BF16', shape: [2], data_offsets: [width, width + 4] },
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = openSync(path, 'w');
  writeSync(file, Buffer.concat([length, json]), 0);
  writeSync(file, Uint8Array.of(0x80, 0x3f, 0x20, 0xc0), 0, 4, 8 + json.length + width);
  closeSync(file);
  const opened = await openSafetensors(path);
  expect((await opened.read('last')).toArray()).toEqual([1, -2.5]);
  await opened.close();
});

describe('a file in shards', () => {
  const shard = (name: string, value: number) => encodeSafetensors(new Map([[name, tensor([value])]]));
  const written = (weight_map: unknown) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '1.safetensors'), shard('a', 1));
    writeFileSync(join(folder, '2.safetensors'), shard('b', 2));
    const index = join(folder, 'model.safetensors.index.json');
    writeFileSync(index, JSON.stringify({ metadata: { total_size: 8 }, weight_map }));
    return index;
  };

  test('is read as one', async () => {
    const file = await openShards(written({ a: '1.safetensors', b: '2.safetensors' }));
    expect(file.shapes).toEqual(new Map([['a', [1]], ['b', [1]]])); // biome-ignore format: rows
    expect((await file.read('b')).toArray()).toEqual([2]);
    await expect(file.read('c')).rejects.toThrow('the tensor is listed. got "c"');
    await file.close();
  });

  test.each([
    ['a name that leads out of the folder', { a: '../1.safetensors' }, 'lie beside the index'],
    ['a tensor that is not there', { a: '1.safetensors', c: '2.safetensors' }, 'those that it lists. got b'],
    ['a tensor in no file', { a: '1.safetensors', c: '1.safetensors' }, 'each tensor is in its file. got none named c'],
    ['no map', ['1.safetensors'], 'the index has a weight_map'],
    ['a file that is not there', { a: '3.safetensors' }, 'the file can be opened. got ENOENT'],
  ])('%s is an error', async (_, map, message) => {
    await expect(openShards(written(map))).rejects.toThrow(message);
  }); // biome-ignore format: one case a line
});
