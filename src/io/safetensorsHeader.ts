/**
 * The JSON header of a safetensors file, read with every check that the format asks for; see safetensors.ts.
 */
import { check, display, fail, type Shape, Tensor } from '../tensor/index.ts';
import { type StoredType, storedTypes } from './safetensorsTypes.ts';

export const METADATA = '__metadata__';
export const MAX_HEADER = 100_000_000;

export interface TensorInfo {
  readonly name: string;
  readonly type: StoredType;
  readonly shape: Shape;
  /** Where its bytes begin and end in the numbers. */
  readonly begin: number;
  readonly end: number;
}

/**
 * The length of the header from the first 8 bytes (or fewer, if there are no more) of a file.
 *
 * @param size bytes of the whole file
 */
export function headerLength(start: Uint8Array, size: number, where: string): number {
  const cut = () => 'the file is cut off, or no safetensors file';
  check(
    start.length >= 8,
    where,
    'the file starts with the length of its header (8 bytes)',
    () => `${start.length} bytes`,
    cut,
  );
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  check(
    length <= MAX_HEADER && 8 + Number(length) <= size,
    where,
    `the header is at most ${MAX_HEADER} bytes and lies in the file`,
    () => `a header of ${length} bytes in a file of ${size}`,
    cut,
  );
  return Number(length);
}

/** @param dataLength how many bytes of numbers follow the header */
export function parseHeader(
  bytes: Uint8Array,
  dataLength: number,
  where: string,
): { infos: TensorInfo[]; metadata: Map<string, string> } {
  // A Map, because the name __proto__ would be lost in an object.
  const entries = new Map(Object.entries(parseJson(bytes, where)));
  const metadata = readMetadata(entries.get(METADATA) ?? {}, where);
  entries.delete(METADATA);
  const infos = [...entries].map(([name, entry]) => readInfo(name, entry, where));
  checkLayout(infos, dataLength, where);
  return { infos, metadata };
}

/** The tensor of its bytes, which are aligned and become its own. */
export function tensorOf({ name, type, shape }: TensorInfo, bytes: ArrayBuffer, where: string): Tensor {
  return Tensor.over(type.read(bytes, `${where}: tensor ${JSON.stringify(name)}`), shape);
}

function parseJson(bytes: Uint8Array, where: string): object {
  let json = '';
  try {
    json = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(bytes);
  } catch {
    fail(where, 'the header is UTF-8', 'other bytes');
  }
  let header: unknown;
  try {
    header = JSON.parse(json);
  } catch (error) {
    fail(where, 'the header is JSON', (error as Error).message);
  }
  checkJson(json, where);
  check(isObject(header), where, 'the header is a JSON object', () => json.slice(0, 40));
  return header;
}

/**
 * What JSON.parse lets pass: a key that comes twice (it keeps the last) and 1.0 or 1e0 for 1. `json` has been
 * parsed.
 */
function checkJson(json: string, where: string): void {
  const keys: Set<unknown>[] = []; // of each object that is open here
  const colon = /\s*:/y;
  let quote = -1; // where the string that is open here began
  for (const { 0: token, index } of json.matchAll(/\\.|["{}]|[-\d][-+.\deE]*/g)) {
    if (token === '"' && quote < 0) quote = index;
    else if (token === '"') {
      colon.lastIndex = index + 1;
      if (colon.test(json)) {
        const key: unknown = JSON.parse(json.slice(quote, index + 1));
        check(
          !keys.at(-1)!.has(key),
          where,
          'every key of the header is there once',
          () => `a second ${JSON.stringify(key)}`,
        );
        keys.at(-1)!.add(key);
      }
      quote = -1;
    } else if (quote >= 0) continue;
    else if (token === '{') keys.push(new Set());
    else if (token === '}') keys.pop();
    else check(/^\d+$/.test(token), where, 'numbers of the header are whole and written so', () => token);
  }
}

function readMetadata(entry: unknown, where: string): Map<string, string> {
  const known = isObject(entry) && Object.values(entry).every((value) => typeof value === 'string');
  check(known, where, `${METADATA} maps strings to strings`, () => short(entry));
  return new Map(Object.entries(entry as Record<string, string>));
}

function readInfo(name: string, entry: unknown, where: string): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = (isObject(entry) ? entry : {}) as Record<string, unknown>;
  check(
    typeof dtype === 'string' && isSizes(shape) && isSizes(offsets) && offsets.length === 2,
    where,
    `tensor ${JSON.stringify(name)} has a dtype, a shape and two data_offsets`,
    () => short(entry),
  );
  const type = storedTypes.get(dtype);
  check(
    type !== undefined,
    where,
    `dtype is one of ${[...storedTypes.keys()].join(', ')}`,
    () => `${JSON.stringify(dtype)} for ${JSON.stringify(name)}`,
    () => 'convert it, for example to F32 with the library that wrote it',
  );
  const [begin, end] = offsets as [number, number];
  const bytes = checkedProduct([...shape, type.width]);
  check(
    end - begin === bytes,
    where,
    `data_offsets of ${JSON.stringify(name)} span as many bytes as its shape and dtype`,
    () => `[${begin}, ${end}) for ${dtype} [${shape.join(', ')}]`,
  );
  return { name, type, shape, begin, end };
}

/** The tensors follow one another from 0 to the end of the file. */
function checkLayout(infos: readonly TensorInfo[], length: number, where: string): void {
  let previous = 0;
  for (const { name, begin, end } of [...infos].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    check(
      begin === previous,
      where,
      `the numbers have no holes or overlaps: ${JSON.stringify(name)} begins at ${previous}`,
      () => `${begin}`,
    );
    previous = end;
  }
  check(
    previous === length,
    where,
    `the file has the ${previous} bytes of numbers that its header lists`,
    () => `${length}`,
    () => (previous > length ? 'the file is cut off' : 'something was appended to it'),
  );
}

/** NaN as soon as it leaves the whole numbers that a double holds exactly. */
function checkedProduct(factors: readonly number[]): number {
  return factors.reduce(
    (product, factor) => (Number.isSafeInteger(product * factor) ? product * factor : Number.NaN),
    1,
  );
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** For error messages: two levels, since a header may nest deeper than a stack. */
function short(value: unknown, levels = 2): string {
  if (typeof value !== 'object' || value === null) return display(value);
  if (levels === 0) return '…';
  const parts = Object.entries(value).slice(0, 8);
  if (Array.isArray(value)) return `[${parts.map(([, part]) => short(part, levels - 1)).join(', ')}]`;
  return `{ ${parts.map(([key, part]) => `${key}: ${short(part, levels - 1)}`).join(', ')} }`;
}
