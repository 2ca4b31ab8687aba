import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';
import { InvariantError, Tensor, tensor } from '../../src/tensor/index.ts';

/** A file from a header (JSON text or value) and its numbers, with nothing checked. */
function fileOf(header: unknown, data = new Uint8Array(0)): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return new Uint8Array(Buffer.concat([length, json, data]));
}

const headerOf = (bytes: Uint8Array) =>
  Buffer.from(bytes.subarray(8, 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true)))).toString();

const sample = () =>
  encodeSafetensors(
    new Map([
      ['a', tensor([[1, 2], [3, 4]])],
      ['b', tensor([5, -6], { dtype: 'int32' })],
    ]), // biome-ignore format: rows
    { note: 'ok' },
  );

const shapes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array };
const tensors = fc
  .record({
    shape: shapes,
    dtype: fc.constantFrom('float32', 'float64', 'int32'),
    bytes: fc.uint8Array({ minLength: 216, maxLength: 216 }),
  })
  .map(({ shape, dtype, bytes }) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    return Tensor.over(new arrays[dtype as keyof typeof arrays](bytes.buffer, 0, size), shape);
  });
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('__proto__', 'constructor', '0', '"{:}"', '\\'),
);

/** Shape, dtype and the very bits (NaN payloads included). */
const bitsOf = (x: Tensor) => {
  const data = x.toTypedArray();
  return {
    shape: x.shape,
    dtype: x.dtype,
    bits: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
  };
};

describe('safetensors', () => {
  test('a file by hand, byte for byte', () => {
    const header =
      '{"__metadata__":{"by":"me"},"z":{"dtype":"F64","shape":[],"data_offsets":[0,8]},' +
      '"a":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"b":{"dtype":"I32","shape":[1],"data_offsets":[16,20]}}';
    const data = Buffer.alloc(20);
    data.writeDoubleLE(0.1, 0);
    data.writeFloatLE(1.5, 8);
    data.writeFloatLE(-2, 12);
    data.writeInt32LE(-7, 16);
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    const bytes = encodeSafetensors(
      new Map([
        ['b', tensor([-7], { dtype: 'int32' })],
        ['a', tensor([[1.5, -2]])],
        ['z', tensor(0.1, { dtype: 'float64' })],
      ]),
      { by: 'me' },
    );
    expect(Buffer.from(bytes).toString('hex')).toBe(Buffer.from(fileOf(padded, data)).toString('hex'));
  });

  test('decode undoes encode: names, shapes, dtypes, bits and metadata', () => {
    const names = text.filter((name) => name !== '__metadata__');
    const entries = fc.uniqueArray(fc.tuple(names, tensors), { selector: ([name]) => name, maxLength: 5 });
    const notes = fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, maxLength: 3 });
    fc.assert(
      fc.property(entries, notes, fc.nat(7), (list, metadata, shift) => {
        const bytes = encodeSafetensors(new Map(list), Object.fromEntries(metadata));
        const moved = new Uint8Array(bytes.length + shift).subarray(shift); // unaligned for most shifts
        moved.set(bytes);
        const again = decodeSafetensors(moved);
        moved.fill(0); // the tensors have their own memory
        expect(new Map([...again.tensors].map(([name, x]) => [name, bitsOf(x)]))).toEqual(
          new Map(list.map(([name, x]) => [name, bitsOf(x)])),
        );
        expect(again.metadata).toEqual(new Map(metadata));
      }),
    );
  });

  test('a strided view is written in row-major order', () => {
    const x = tensor([[1, 2, 3], [4, 5, 6]]).strided([3, 2], [1, 3]); // biome-ignore format: rows
    const { tensors } = decodeSafetensors(encodeSafetensors(new Map([['x', x]])));
    expect(tensors.get('x')!.toArray()).toEqual([[1, 4], [2, 5], [3, 6]]); // biome-ignore format: rows
  });

  test('a Buffer (whose slice shares memory) gives tensors of their own too', () => {
    const buffer = Buffer.from(sample());
    const { tensors } = decodeSafetensors(buffer);
    buffer.fill(0);
    expect(tensors.get('b')!.toArray()).toEqual([5, -6]);
  });

  test('the numbers are aligned, and nothing at all is a file too', () => {
    expect(headerOf(sample()).length % 8).toBe(0);
    expect(decodeSafetensors(encodeSafetensors(new Map()))).toEqual({
      tensors: new Map(),
      metadata: new Map(),
    });
  });

  test('leading spaces, any order and odd header lengths are legal', () => {
    const header =
      '   {"b":{"dtype":"I32","shape":[1],"data_offsets":[4,8]}, "e":{"shape":[0,9],"dtype":"F64","data_offsets":[4,4]},"a":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}';
    const { tensors } = decodeSafetensors(fileOf(header, Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0)));
    expect([...tensors].map(([name, x]) => [name, x.toArray()])).toEqual([['b', [2]], ['e', []], ['a', 1]]); // biome-ignore format: rows
  });

  const info = (shape: unknown, data_offsets: unknown, dtype: unknown = 'F32') => ({
    dtype,
    shape,
    data_offsets,
  });
  test.each([
    ['an empty file', new Uint8Array(0), 'starts with the length of its header (8 bytes). got 0 bytes'],
    ['a header longer than the file', Uint8Array.of(99, 0, 0, 0, 0, 0, 0, 0), 'a header of 99 bytes in a file of 8'],
    ['a header of 2⁶³ bytes', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128), 'at most 100000000 bytes'],
    ['other text', fileOf('hello'), 'the header is JSON. got'],
    ['an empty header', fileOf(''), 'the header is JSON. got'],
    ['a list', fileOf([]), 'the header is a JSON object. got []'],
    ['null', fileOf('null'), 'the header is a JSON object. got null'],
    ['a byte order mark', fileOf('\uFEFF{}'), 'the header is JSON'],
    ['a name twice', fileOf('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\\u0061" : {}}'), 'every key of the header is there once. got a second "a"'],
    ['a field twice', fileOf('{"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'), 'got a second "dtype"'],
    ['numbers in metadata', fileOf({ __metadata__: { a: 1 } }), '__metadata__ maps strings to strings'],
    ['a list for metadata', fileOf({ __metadata__: ['a'] }), '__metadata__ maps strings to strings'],
    ['metadata that nest deeply', fileOf(`{"__metadata__":${'['.repeat(50_000)}${']'.repeat(50_000)}}`), '__metadata__ maps strings to strings'],
    ['no shape', fileOf({ a: { dtype: 'F32', data_offsets: [0, 0] } }), 'tensor "a" has a dtype, a shape and two data_offsets'],
    ['a number for a tensor', fileOf({ __proto: 1 }), 'tensor "__proto" has a dtype'],
    ['one offset', fileOf({ a: info([0], [0]) }), 'two data_offsets'],
    ['a negative size', fileOf({ a: info([-1], [0, 4]) }), 'written so. got -1'],
    ['a size with a point', fileOf('{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}', new Uint8Array(4)), 'numbers of the header are whole and written so. got 1.0'],
    ['a size beyond 2⁵³', fileOf('{"a":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}'), 'tensor "a" has'],
    ['sizes whose product overflows to 0 in 64 bits', fileOf({ a: info([2 ** 32, 2 ** 32], [0, 0]) }), 'span as many bytes as its shape and dtype'],
    ['sizes whose product overflows before a 0', fileOf({ a: info([2 ** 40, 2 ** 40, 0], [0, 0]) }), 'span as many bytes'],
    ['an unknown dtype', fileOf({ a: info([1], [0, 1], 'F8_E5M2') }), 'dtype is one of F64, F32, F16, BF16, I64, I32, I8, U8, BOOL. got "F8_E5M2" for "a". convert it'],
    ['a dtype named like a method', fileOf({ a: info([1], [0, 4], 'toString') }), 'dtype is one of'],
    ['a span of the wrong size', fileOf({ a: info([2], [0, 4]) }, new Uint8Array(4)), 'got [0, 4) for F32 [2]'],
    ['offsets the wrong way round', fileOf({ a: info([1], [4, 0]) }, new Uint8Array(4)), 'got [4, 0) for F32 [1]'],
    ['a hole at the start', fileOf({ a: info([1], [4, 8]) }, new Uint8Array(8)), '"a" begins at 0. got 4'],
    ['a hole', fileOf({ a: info([1], [0, 4]), b: info([1], [8, 12]) }, new Uint8Array(12)), '"b" begins at 4. got 8'],
    ['an overlap', fileOf({ a: info([2], [0, 8]), b: info([1], [4, 8]) }, new Uint8Array(8)), '"b" begins at 8. got 4'],
    ['trailing bytes', fileOf({ a: info([1], [0, 4]) }, new Uint8Array(5)), 'the 4 bytes of numbers that its header lists. got 5. something was appended'],
    ['missing bytes', fileOf({ a: info([1], [0, 4]) }, new Uint8Array(3)), 'got 3. the file is cut off'],
    ['nesting that would overflow a stack', fileOf(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`), 'tensor "a" has a dtype'],
  ])('%s is an error', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'model.safetensors')).toThrow(InvariantError);
    expect(() => decodeSafetensors(bytes, 'model.safetensors')).toThrow(message);
    expect(() => decodeSafetensors(bytes, 'model.safetensors')).toThrow(/^model\.safetensors: /);
  }); // biome-ignore format: one case a line

  test('a key of the header inside a string is no key', () => {
    const header = { __metadata__: { a: '{"a":1,"a":1.5}', b: 'a":' } };
    expect(decodeSafetensors(fileOf(header)).metadata.get('a')).toBe('{"a":1,"a":1.5}');
  });

  test('every truncation is an error', () => {
    const bytes = sample();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length)), `${length} bytes`).toThrow(InvariantError);
    }
  });

  test('every change of one header byte is an error or gives tensors that fit the file', () => {
    const good = sample();
    const start = 8 + headerOf(good).length;
    const outcomes = { error: 0, decoded: 0 };
    for (let at = 0; at < start; at++) {
      for (const value of [
        0,
        0x20,
        0x22,
        0x2c,
        0x30,
        0x31,
        0x39,
        0x5c,
        0x7b,
        0x7d,
        0x80,
        0xff,
        good[at]! ^ 1,
        good[at]! + 1,
      ]) {
        const bytes = good.slice();
        bytes[at] = value;
        try {
          const { tensors } = decodeSafetensors(bytes);
          const size = [...tensors.values()].reduce((sum, x) => sum + x.data.byteLength, 0);
          expect(size).toBe(good.length - start);
          outcomes.decoded++;
        } catch (error) {
          expect(error, `byte ${at} ← ${value}`).toBeInstanceOf(InvariantError);
          outcomes.error++;
        }
      }
    }
    expect(outcomes.error).toBeGreaterThan(1000); // both outcomes were met
    expect(outcomes.decoded).toBeGreaterThan(100);
  });

  test('random bytes never crash', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 64 }),
          fc.json().map((json) => fileOf(json)),
        ),
        (bytes) => {
          try {
            decodeSafetensors(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(InvariantError);
          }
        },
      ),
    );
  });

  test('encode refuses what the format cannot hold', () => {
    const x = tensor([1]);
    expect(() => encodeSafetensors(new Map([['__metadata__', x]]))).toThrow(
      'no tensor has the name __metadata__',
    );
    expect(() => encodeSafetensors(new Map([['\ud800', x]]))).toThrow('well-formed strings. got "\\ud800"');
    expect(() => encodeSafetensors(new Map([['x', x]]), { step: 3 } as never)).toThrow(
      'well-formed strings. got 3',
    );
  });
});
