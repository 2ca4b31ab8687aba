import { InvariantError, manualSeed, randn, randomState } from '../../src/tensor/index.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/index.ts';

/** What came of bytes that changed. */
export interface Flips {
  flips: number;
  /** Files with a changed byte that were read as if nothing were wrong. */
  silent: number;
  /** Errors that do not begin with the file's name, or are no clear errors. */
  unclear: number;
}

/** Changes bytes all over a checkpoint, one at a time, every `stride`-th, and reads it. */
export function flipBytes(stride: number, random: () => number): Flips {
  manualSeed(1);
  const model = new Map([['weight', randn([40, 30])], ['bias', randn([30])]]); // biome-ignore format: a table
  const optimizer = { kind: 'AdamW', tensors: new Map([['0.m', randn([40, 30])]]) };
  const info = { config: { data: 'text.txt' }, tokenizer: { type: 'char', characters: ['a', 'b'] } };
  const bytes = encodeCheckpoint({ step: 7, model, optimizer, random: randomState(), info });
  const result: Flips = { flips: 0, silent: 0, unclear: 0 };
  for (let at = Math.floor(random() * stride); at < bytes.length; at += stride) {
    const damaged = bytes.slice();
    damaged[at]! ^= 1 + Math.floor(random() * 255);
    result.flips++;
    try {
      decodeCheckpoint(damaged, 'checkpoint x');
      result.silent++;
    } catch (error) {
      if (!(error instanceof InvariantError && error.message.startsWith('checkpoint x: '))) result.unclear++;
    }
  }
  return result;
}
