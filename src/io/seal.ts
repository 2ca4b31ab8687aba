/**
 * A checksum in the file that it protects: an entry `checksum` in the metadata of a safetensors file.
 *
 *   "checksum":"crc32:1c291ca3"       CRC-32 of the whole file, taken while the digits are 00000000
 *
 * Any change of one byte, header and length included, is found; of other changes, all but one in 2³². It is
 * not a signature: whoever wants to change the file on purpose can make a new one.
 */
import { check, fail } from '../tensor/index.ts';

const DIGITS = '00000000';
const ENTRY = '"checksum":"crc32:';

/** The metadata of a file that is going to be sealed. */
export const unsealed = { checksum: `crc32:${DIGITS}` };

/** Writes the checksum into the bytes of a safetensors file with the metadata `unsealed`. */
export function seal(bytes: Uint8Array): Uint8Array {
  const at = findDigits(bytes) ?? fail('seal', 'the metadata has the entry `unsealed`', 'none');
  const digits = crc32(bytes).toString(16).padStart(8, '0');
  bytes.set(new TextEncoder().encode(digits), at);
  return bytes;
}

/** Checks the bytes of a file that was sealed. Errors start with `where`: no checksum, or another. */
export function checkSeal(bytes: Uint8Array, where: string): void {
  const at = findDigits(bytes) ?? fail(where, 'the file has a checksum', 'none', 'the file is damaged');
  const digits = String.fromCharCode(...bytes.subarray(at, at + DIGITS.length));
  const blank = new TextEncoder().encode(DIGITS);
  const register = update(
    update(update(-1, bytes.subarray(0, at)), blank),
    bytes.subarray(at + blank.length),
  );
  const found = (~register >>> 0).toString(16).padStart(8, '0');
  check(
    digits === found,
    where,
    'the bytes are those that were written (their CRC-32)',
    () => `${found} for ${JSON.stringify(digits)}`,
    () => 'the file is damaged: take an older one',
  );
}

/** Where the digits begin. Quotes within JSON strings are escaped: what is found is the entry itself. */
function findDigits(bytes: Uint8Array): number | null {
  const length =
    bytes.length < 8 ? 0n : new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const end = 8n + length < bytes.length ? 8 + Number(length) : bytes.length;
  const header = new TextDecoder('latin1').decode(bytes.subarray(8, end)); // one character for each byte
  const at = header.indexOf(ENTRY);
  return at < 0 ? null : 8 + at + ENTRY.length;
}

/** CRC-32 of ISO 3309, as in zlib, gzip and PNG: the remainder of a division of polynomials over GF(2). */
export function crc32(bytes: Uint8Array): number {
  return ~update(-1, bytes) >>> 0;
}

/** The remainder of each byte, with the polynomial's bits in reverse order. */
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  return remainder;
});

function update(register: number, bytes: Uint8Array): number {
  let state = register;
  for (let i = 0; i < bytes.length; i++) state = (state >>> 8) ^ table[(state ^ bytes[i]!) & 0xff]!;
  return state;
}
