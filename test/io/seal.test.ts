import { crc32 as zlibCrc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/index.ts';
import { checkSeal, crc32, seal, unsealed } from '../../src/io/seal.ts';
import { tensor } from '../../src/tensor/index.ts';

const file = (metadata: Record<string, string> = {}) =>
  seal(encodeSafetensors(new Map([['checksum', tensor([1, 2, 3])]]), { ...unsealed, ...metadata }));

test("the checksum is zlib's", () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => crc32(bytes) === zlibCrc32(bytes)));
});

test('a sealed file is an ordinary one, whose checksum anyone can verify', () => {
  const bytes = file({ state: '{"checksum":"crc32:00000000"}' });
  checkSeal(bytes, 'x');
  const { metadata, tensors } = decodeSafetensors(bytes);
  expect(tensors.get('checksum')!.toArray()).toEqual([1, 2, 3]);
  const text = Buffer.from(bytes).toString('latin1');
  const blank = Buffer.from(text.replace(metadata.get('checksum')!, 'crc32:00000000'), 'latin1');
  expect(metadata.get('checksum')).toBe(`crc32:${zlibCrc32(blank).toString(16).padStart(8, '0')}`);
});

test('every byte that changes, and every cut, is found', () => {
  const bytes = file();
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1 << bit;
      expect(() => checkSeal(damaged, 'file x'), `bit ${bit} of byte ${at}`).toThrow(/^file x: /);
    }
    expect(() => checkSeal(bytes.subarray(0, at), 'file x')).toThrow(/^file x: /);
  }
});

test('only a file with a place for it can be sealed', () => {
  expect(() => seal(encodeSafetensors(new Map()))).toThrow('seal: the metadata has the entry');
});
