/** Tokens in files: what is written is read, at any place, and what is damaged is told. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  openTokens,
  randomBatch,
  readTokenHeader,
  split,
  TokenWriter,
  verifyTokens,
  windows,
} from '../../src/data/index.ts';
import { manualSeed } from '../../src/tensor/index.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const tokenizer = { type: 'byte', specialTokens: [] };

async function written(documents: readonly (readonly number[])[], vocabSize = 300, shardTokens = 7) {
  const folder = temporaryFolder();
  const writer = new TokenWriter(folder, { tokenizer, vocabSize, shardTokens });
  for (const ids of documents) {
    const middle = Math.floor(ids.length / 2);
    writer.push(ids.slice(0, middle), middle);
    writer.push(Int32Array.from(ids.slice(middle)), ids.length - middle);
    writer.endDocument();
  }
  return { folder, header: await writer.finish() };
}

const count = (length: number) => Array.from({ length }, (_, i) => i);

test('any documents are read at any place, in one part or the other', async () => {
  const kinds = fc.constantFrom(300, 2 ** 16, 70_000, 2 ** 24);
  const cases = kinds.chain((vocabSize) =>
    fc.record({
      vocabSize: fc.constant(vocabSize),
      documents: fc.array(fc.array(fc.nat(vocabSize - 1), { maxLength: 30 }), { minLength: 1, maxLength: 6 }),
      shardTokens: fc.integer({ min: 1, max: 40 }),
      ranges: fc.array(fc.tuple(fc.nat(90), fc.nat(90)), { maxLength: 5 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ({ vocabSize, documents, shardTokens, ranges }) => {
      const all = Int32Array.from(documents.flat());
      fc.pre(all.length > 0);
      const { folder, header } = await written(documents, vocabSize, shardTokens);
      const { train, validation, documents: starts, close } = await openTokens(folder);
      const parts = { train: all.subarray(0, train.length), validation: all.subarray(train.length) };
      expect(train.length + validation.length).toBe(all.length);
      for (const [start, end] of ranges) {
        expect(train.subarray(start, end)).toEqual(parts.train.subarray(start, end));
        expect(validation.subarray(start, end)).toEqual(parts.validation.subarray(start, end));
      }
      let at = 0;
      for (const { length } of documents) {
        for (let i = 0; i < length; i++) expect(starts.startOf(at + i)).toBe(at);
        at += length;
      }
      expect(header.documents.count).toBe(documents.filter(({ length }) => length > 0).length);
      expect(header.dtype).toBe(vocabSize <= 65_536 ? 'uint16' : 'uint32');
      expect(header.bytes).toBe(all.length);
      await verifyTokens(folder);
      close();
    }),
    { numRuns: 60 },
  );
});

describe('the part for validation', () => {
  test.each([
    ['one document', [100], 90],
    ['a border near nine tenths', [50, 42, 8], 92],
    ['a border before', [87, 13], 87],
    ['no border near', [50, 50], 90],
    ['many documents', Array(50).fill(2), 90],
  ])('begins where it should: %s', async (_, lengths: number[], trainTokens) => {
    expect((await written(lengths.map(count))).header.trainTokens).toBe(trainTokens);
  });

  test('of a single document is that of split', async () => {
    for (const length of [19, 25, 44, 1005]) {
      const { header } = await written([count(length).map((i) => i % 300)]);
      expect(header.trainTokens).toBe(split(new Int32Array(length), 0.1).train.length);
    }
  });
});

describe('batches', () => {
  beforeEach(() => manualSeed(1));
  const ids = count(200);

  test('of files are those of memory', async () => {
    const { folder } = await written([ids]);
    const { train, close } = await openTokens(folder);
    const memory = Int32Array.from(ids.slice(0, train.length));
    const draw = (tokens: typeof train) => {
      manualSeed(3);
      return [1, 2].map(() => randomBatch(tokens, { batchSize: 5, context: 9 }).inputs.toArray());
    };
    expect(draw(train)).toEqual(draw(memory));
    const scored = (tokens: typeof train) =>
      [...windows(tokens, { context: 8, stride: 3 })].map(({ targets }) => targets.toArray());
    expect(scored(train)).toEqual(scored(memory));
    close();
  });

  test('aligned to documents start where one does, or whole windows after', async () => {
    const lengths = [3, 50, 17, 1, 129];
    const borders = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
    const { folder } = await written(lengths.map((_, i) => ids.slice(borders[i], borders[i]! + lengths[i]!)));
    const { train, documents, close } = await openTokens(folder);
    const { inputs } = randomBatch(train, { batchSize: 500, context: 8, documents });
    const starts = new Set((inputs.toArray() as number[][]).map(([start]) => start!));
    const from = (border: number, length: number) => count(Math.ceil(length / 8)).map((i) => border + 8 * i);
    const allowed = borders.flatMap((border, i) => from(border, lengths[i]!));
    expect([...starts].sort((a, b) => a - b)).toEqual(allowed.filter((start) => start < train.length - 8));
    close();
  });
});

describe('what is damaged', () => {
  const damaged = async (change: (header: Record<string, unknown>) => object) => {
    const { folder, header } = await written([count(20)]);
    writeFileSync(join(folder, 'tokens.json'), JSON.stringify({ ...header, ...change({ ...header }) }));
    return folder;
  };

  test.each([
    ['format', 'x', 'the format is "scratchformer tokens". got "x".'],
    ['version', 2, 'the version is 1, which this program reads. got 2. prepare the data again.'],
    [
      'vocabSize',
      70_000,
      'dtype is uint16 or uint32, and holds every id. got "uint16" for a vocabulary of 70,000.',
    ],
    ['dtype', 'int8', 'dtype is uint16 or uint32'],
    ['tokens', 19, 'shards have 7 tokens each, the last at most, and 19 together. got [7, 7, 6].'],
    ['trainTokens', 21, 'shards have 7 tokens each'],
    ['shards', null, 'shards have 7 tokens each'],
    ['shards', [{ file: 'tokens-00000.bin', tokens: 20 }], 'shards have 7 tokens each, the last at most'],
    ['documents', null, 'documents are counted. got null.'],
    ['documents', { count: 1, file: '../x.bin' }, 'files lie in the folder. got "../x.bin".'],
  ])('the header: %s', async (name, value, message) => {
    const folder = await damaged(() => ({ [name]: value }));
    await expect(openTokens(folder)).rejects.toThrow(message);
  });

  test('a header that is no JSON, or is not there', async () => {
    const { folder } = await written([count(20)]);
    writeFileSync(join(folder, 'tokens.json'), '{');
    await expect(openTokens(folder)).rejects.toThrow(
      `tokens ${folder}: tokens.json is JSON. got something else.`,
    );
    await expect(openTokens(temporaryFolder())).rejects.toThrow('the folder has a tokens.json. got ENOENT.');
  });

  test('a file cut short, gone, or with another byte in it', async () => {
    const { folder } = await written([count(20)]);
    const [shard, last] = ['tokens-00000.bin', 'tokens-00002.bin'].map((name) => join(folder, name));
    const bytes = readFileSync(shard!);
    bytes[3]! ^= 1;
    writeFileSync(shard!, bytes);
    (await openTokens(folder)).close(); // sizes are right
    await expect(verifyTokens(folder)).rejects.toThrow(
      /the SHA-256 of tokens-00000\.bin is that of the header/,
    );
    truncateSync(last!, 11);
    await expect(openTokens(folder)).rejects.toThrow(
      `tokens ${folder}: tokens-00002.bin has the 12 bytes of the header. got 11. it was cut short or replaced`,
    );
    const { shards } = await readTokenHeader(folder);
    expect(shards.map(({ tokens }) => tokens)).toEqual([7, 7, 6]);
  });

  test('ids that the vocabulary does not have, and data without a token', async () => {
    const writer = new TokenWriter(temporaryFolder(), { tokenizer, vocabSize: 5 });
    expect(() => writer.push([1, 5], 2)).toThrow('TokenWriter.push: ids lie in [0, 5). got 5 at index 1.');
    await expect(writer.finish()).rejects.toThrow('there is at least one token. got 0.');
  });
});
