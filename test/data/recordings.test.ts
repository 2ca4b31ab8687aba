import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRecordings } from '../../examples/support/recordings.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

interface WavOptions {
  readonly format?: number;
  readonly bits?: number;
  readonly channels?: number;
  readonly rate?: number;
  /** Bytes that the data chunk announces. */
  readonly size?: number;
}

/** A WAV file with these bytes for its sound. */
function wav(
  data: Uint8Array,
  { format = 1, bits = 16, channels = 1, rate = 8000, size = data.length }: WavOptions = {},
): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF');
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(format, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE((rate * channels * bits) / 8, 28);
  head.writeUInt16LE((channels * bits) / 8, 32);
  head.writeUInt16LE(bits, 34);
  head.write('data', 36);
  head.writeUInt32LE(size, 40);
  return Buffer.concat([head, data]);
}
const bytesOf = ({ buffer }: { readonly buffer: ArrayBufferLike }) => new Uint8Array(buffer);
const ints = (length: number, value = 8192) => bytesOf(new Int16Array(length).fill(value));

function folderOf(files: Record<string, string | Uint8Array>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
const good = { 'a.wav': wav(ints(400)), 'a.txt': ' one\n' };

describe('recordings', () => {
  test('and their transcripts are read, from files beside them or from a table', async () => {
    const sounds = { 'b.WAV': wav(ints(300)), 'a.wav': wav(ints(400)) };
    const beside = await readRecordings(
      folderOf({ ...sounds, 'b.txt': 'two', 'a.txt': ' one\n', 'other.md': '' }),
    );
    expect(beside.rate).toBe(8000);
    expect(beside.recordings.map(({ word, samples }) => [word, samples.length])).toEqual([['one', 400], ['two', 300]]); // biome-ignore format: one line
    const table = await readRecordings(
      folderOf({ ...sounds, 'transcripts.tsv': 'b.WAV\ttwo\r\n\n a.wav \t one\n' }),
    );
    expect(table.recordings).toEqual([beside.recordings[1], beside.recordings[0]]);
  });

  test.each<[string, Uint8Array, WavOptions, number]>([
    ['8 bits', new Uint8Array(400).fill(192), { bits: 8 }, 64 / 127],
    ['16 bits', ints(400, -8192), {}, -0.25],
    ['32-bit floats', bytesOf(new Float32Array(400).fill(0.125)), { format: 3, bits: 32 }, 0.125],
    [
      'two channels',
      bytesOf(Int16Array.from({ length: 800 }, (_, i) => (i % 2) * -16384)),
      { channels: 2 },
      -0.25,
    ],
    ['a stream, whose length nobody knew', ints(400, -8192), { size: 0xffffffff }, -0.25],
    ['a byte to spare', new Uint8Array(401).fill(192), { bits: 8, size: 400 }, 64 / 127],
  ])('of %s', async (_, data, options, value) => {
    const { recordings } = await readRecordings(folderOf({ 'a.wav': wav(data, options), 'a.txt': 'one' }));
    expect(recordings[0]!.samples).toHaveLength(400);
    for (const x of recordings[0]!.samples) expect(x).toBeCloseTo(value, 4);
  });

  test('of another rate than 8 kHz are read too, but all have one', async () => {
    const fast = wav(ints(2000), { rate: 44100 });
    expect((await readRecordings(folderOf({ 'a.wav': fast, 'a.txt': 'one' }))).rate).toBe(44100);
    await expect(readRecordings(folderOf({ ...good, 'b.wav': fast, 'b.txt': 'two' }))).rejects.toThrow(
      /recording ".*b\.wav": all files have as many samples per second as the first, 8000\. got 44100\. convert it/,
    );
  });
});

describe('what is malformed is an error that names the file', () => {
  test.each<[string, Uint8Array | string, string]>([
    [
      'no WAV file',
      'this is some text, and no sound',
      'it is a WAV file that can be decoded. got Not a WAV file.',
    ],
    ['an MP3 in a WAV file', wav(ints(400), { format: 0x55 }), 'got Unsupported WAV format: 0x55.'],
    ['12 bits', wav(ints(400), { bits: 12 }), 'got Unsupported WAV bit depth: 12.'],
    [
      'cut off in its sound',
      wav(ints(400)).subarray(0, 500),
      'the file is whole. got a file that ends 344 bytes early.',
    ],
    [
      'announcing more than there is',
      wav(ints(400), { size: 1000 }),
      'the file is whole. got a file that ends 200 bytes early.',
    ],
    [
      'cut off in its head',
      wav(ints(400)).subarray(0, 30),
      'the file is whole. got a file that ends 6 bytes early.',
    ],
    ['cut off in its first word', wav(ints(400)).subarray(0, 7), 'the file is whole.'],
    ['empty', new Uint8Array(0), 'there are at least 25 ms of sound. got 0 samples'],
    ['without sound', wav(new Uint8Array(0)), 'there are at least 25 ms of sound. got 0 samples'],
    ['too short', wav(ints(199)), 'there are at least 25 ms of sound. got 199 samples at 8000 per second.'],
    ['without channels', wav(ints(400), { channels: 0 }), 'there are at least 25 ms of sound. got 0 samples'],
    [
      'without a rate',
      wav(ints(400), { rate: 0 }),
      'there are at least 25 ms of sound. got 400 samples at 0 per second.',
    ],
    [
      'not a number',
      wav(bytesOf(new Float32Array(400).fill(Number.NaN)), { format: 3, bits: 32 }),
      'samples are finite numbers. got NaN at sample 0.',
    ],
  ])('%s', async (_, content, message) => {
    const reading = readRecordings(folderOf({ ...good, 'b.wav': content, 'b.txt': 'two' }));
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(/recording ".*b\.wav"/);
  });

  test.each<[string, Record<string, string | Uint8Array>, RegExp]>([
    ['no transcript', { ...good, 'b.wav': wav(ints(400)) }, /b\.txt": the file can be read/],
    ['a transcript of white space', { ...good, 'a.txt': ' \n' }, /transcript ".*a\.txt": it has some text/],
    [
      'a table without a tab',
      { ...good, 'transcripts.tsv': 'a.wav one' },
      /transcripts\.tsv": a line is a file, a tab, and what is said in it\. got "a\.wav one" in line 1/,
    ],
    [
      'a table that names no file',
      { ...good, 'transcripts.tsv': 'a.wav\tone\nc.wav\ttwo' },
      /recording ".*c\.wav": the file can be read/,
    ],
    ['nothing', {}, /there are WAV files with transcripts\. got none/],
  ])('%s', async (_, files, message) => {
    await expect(readRecordings(folderOf(files))).rejects.toThrow(message);
  });

  test('no folder', async () => {
    await expect(readRecordings('no/such/folder')).rejects.toThrow(
      'recordings "no/such/folder": the folder can be read. got ENOENT',
    );
  });
});
