import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import decode from '@audio/decode-wav';
import { check, fail } from 'scratchformer';
import { textFile } from 'scratchformer/data';
import type { Recording } from './transcripts.ts';

/** Recordings of your own, all with one number of samples per second. */
export interface Recordings {
  readonly rate: number;
  readonly recordings: readonly Recording[];
}

/**
 * Reads a folder of WAV files (integers of 8 to 32 bits or floats, any rate; several channels become their
 * mean) and what is said in them: `transcripts.tsv`, in each line the name of a file, a tab, and its text; or
 * beside each NAME.wav a NAME.txt. All is read and checked before anything is returned.
 */
export async function readRecordings(folder: string): Promise<Recordings> {
  const where = `recordings ${JSON.stringify(folder)}`;
  const names = await readdir(folder).catch((error: Error) =>
    fail(where, 'the folder can be read', error.message),
  );
  const texts = names.includes('transcripts.tsv')
    ? await fromTable(join(folder, 'transcripts.tsv'))
    : await besideEach(folder, names.filter((name) => /\.wav$/i.test(name)).sort()); // biome-ignore format: one line
  check(texts.length > 0, where, 'there are WAV files with transcripts', () => 'none');
  const recordings: Recording[] = [];
  let rate = 0;
  for (const [name, word] of texts) {
    const sound = await wavFile(join(folder, name));
    rate ||= sound.rate;
    check(
      sound.rate === rate,
      `recording ${JSON.stringify(join(folder, name))}`,
      `all files have as many samples per second as the first, ${rate}`,
      () => `${sound.rate}`,
      () => 'convert it, for example with `ffmpeg -i in.wav -ar 16000 out.wav`',
    );
    recordings.push({ word, samples: sound.samples });
  }
  return { rate, recordings };
}

type Transcript = readonly [name: string, text: string];

async function fromTable(path: string): Promise<Transcript[]> {
  const { text } = await textFile(path);
  return text.split(/\r?\n/).flatMap((line, i): Transcript[] => {
    if (line.trim() === '') return [];
    const [name, said, ...more] = line.split('\t').map((part) => part.trim());
    if (name && said && more.length === 0) return [[name, said]];
    const got = `${JSON.stringify(line.slice(0, 60))} in line ${i + 1}`;
    return fail(
      `transcripts ${JSON.stringify(path)}`,
      'a line is a file, a tab, and what is said in it',
      got,
    );
  });
}

async function besideEach(folder: string, names: readonly string[]): Promise<Transcript[]> {
  return Promise.all(
    names.map(async (name): Promise<Transcript> => {
      const path = join(folder, name.replace(/\.wav$/i, '.txt'));
      const said = (await textFile(path)).text.trim();
      check(said !== '', `transcript ${JSON.stringify(path)}`, 'it has some text', () => 'white space');
      return [name, said];
    }),
  );
}

/** The samples of a WAV file, between −1 and 1. */
async function wavFile(path: string): Promise<{ rate: number; samples: Float32Array }> {
  const where = `recording ${JSON.stringify(path)}`;
  const bytes = await readFile(path).catch((error: Error) =>
    fail(where, 'the file can be read', error.message),
  );
  const missing = missingBytes(bytes);
  check(missing <= 0, where, 'the file is whole', () => `a file that ends ${missing} bytes early`);
  const { channelData, sampleRate } = decoded(bytes, where);
  const [first, ...others] = channelData;
  const shortest = 0.025 * sampleRate;
  check(
    first !== undefined && sampleRate > 0 && first.length >= shortest,
    where,
    'there are at least 25 ms of sound',
    () => `${first?.length ?? 0} samples at ${sampleRate} per second`,
  );
  const samples = first.map(
    (x, i) => (x + others.reduce((sum, channel) => sum + channel[i]!, 0)) / channelData.length,
  );
  const bad = samples.findIndex((x) => !Number.isFinite(x));
  check(bad === -1, where, 'samples are finite numbers', () => `${samples[bad]} at sample ${bad}`);
  return { rate: sampleRate, samples };
}

function decoded(bytes: Uint8Array, where: string): ReturnType<typeof decode> {
  try {
    return decode(bytes);
  } catch (error) {
    return fail(where, 'it is a WAV file that can be decoded', (error as Error).message);
  }
}

/**
 * How many bytes the chunks of a RIFF file announce that are not there. A stream announces 2³² − 1: all that
 * comes.
 */
function missingBytes(bytes: Buffer): number {
  let end = bytes.toString('latin1', 0, 4) === 'RIFF' ? 12 : 0;
  while (end > 0 && end + 8 <= bytes.length) {
    const size = bytes.readUInt32LE(end + 4);
    if (size === 0xffffffff) return 0;
    end += 8 + size;
    if (end < bytes.length) end += size % 2; // chunks begin at even places
  }
  return end - bytes.length;
}
