import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TokenWriter } from '../data/index.ts';
import { check } from '../tensor/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';
import { bar } from './bar.ts';
import { encodeText } from './corpus.ts';
import { type Piece, piecesOf } from './documents.ts';
import { savedTokenizer } from './savedTokenizer.ts';
import { makeTokenizer, unitOf } from './tokenizer.ts';
import { END_OF_TEXT } from './usualPrompt.ts';

/** The flags of `prepare`. */
export interface PrepareFlags {
  readonly data: readonly string[];
  readonly out: string;
  readonly tokenizer: string;
  readonly vocabSize?: number;
  readonly separator?: string;
}

/** Characters, at most, from which tokens are learned. */
const SAMPLE = 20_000_000;

/** Runs `scratchformer prepare`. */
export async function prepare(flags: PrepareFlags): Promise<void> {
  const { data, out } = flags;
  for (const path of data) check(existsSync(path), `data ${path}`, 'there is such a file', () => 'none');
  clear(out);
  const tokenizer = await tokenizerFor(flags);
  const { vocabSize, specialTokens } = tokenizer;
  const writer = new TokenWriter(out, { tokenizer: savedTokenizer(tokenizer, flags.tokenizer), vocabSize });
  const end = specialTokens.get(END_OF_TEXT);
  await eachPiece('writing tokens', flags, ({ text, last }, name) => {
    writer.push(encodeText(tokenizer, { name, text }), Buffer.byteLength(text));
    if (!last) return;
    if (end !== undefined) writer.push([end], 0);
    writer.endDocument();
  });
  const { tokens, bytes, documents } = await writer.finish();
  const [count, unit] = [(value: number) => value.toLocaleString('en-US'), unitOf(tokenizer)];
  console.log(
    `${count(tokens)} ${unit}s of ${count(bytes)} bytes, ${count(documents.count)} document${documents.count === 1 ? '' : 's'}, ${count(vocabSize)} different ${unit}s`,
  );
  console.log(`now train: npx scratchformer train --data ${out} --out runs/mine`);
}

/** Calls back with the pieces of all files in turn. */
async function eachPiece(
  label: string,
  { data, separator }: PrepareFlags,
  action: (piece: Piece, name: string) => void,
): Promise<void> {
  const shown = bar(label, data.reduce((sum, path) => sum + statSync(path).size, 0)); // biome-ignore format: one sum
  let read = 0;
  const onBytes = (count: number) => {
    read += count;
    shown.update(read);
  };
  try {
    for (const path of data)
      for await (const piece of piecesOf(path, { separator, onBytes })) action(piece, path);
  } finally {
    shown.stop();
  }
}

/** The tokenizer: of all characters of the texts, or learned from a sample of them, or one that is there. */
async function tokenizerFor(flags: PrepareFlags): Promise<Tokenizer> {
  const { tokenizer: kind } = flags;
  check(
    kind !== 'word',
    '--tokenizer',
    'it is char, bytes, bpe, or the path of a tokenizer',
    () => '"word"',
    () => 'words are learned by train, from a text in memory',
  );
  const { vocabSize = kind === 'bpe' ? 4096 : undefined } = flags;
  const settings = { tokenizer: kind, vocabSize, specialTokens: [END_OF_TEXT] };
  if (kind === 'char') {
    const characters = new Set<string>();
    await eachPiece('reading characters', flags, ({ text }) => {
      for (const character of text) characters.add(character);
    });
    return makeTokenizer(settings, [[...characters].join('')]);
  }
  const sample = new Sample(SAMPLE);
  if (kind === 'bpe') await eachPiece('reading a sample', flags, ({ text }) => sample.add(text));
  return makeTokenizer(settings, sample.texts);
}

/** Every n-th of the texts that come, n such that they have no more characters together than `most`. */
class Sample {
  texts: string[] = [];
  readonly #most: number;
  #length = 0;
  #count = 0;
  #interval = 1;

  constructor(most: number) {
    this.#most = most;
  }

  add(text: string): void {
    if (this.#count++ % this.#interval !== 0) return;
    this.texts.push(text);
    this.#length += text.length;
    while (this.#length > this.#most && this.texts.length > 1) {
      this.texts = this.texts.filter((_, i) => i % 2 === 0);
      this.#length = this.texts.reduce((sum, { length }) => sum + length, 0);
      this.#interval *= 2;
    }
  }
}

/** Refuses a folder that has data, and removes what a prepare that was broken off has left. */
function clear(out: string): void {
  check(
    !existsSync(join(out, 'tokens.json')),
    '--out',
    'the folder has no tokens yet',
    () => out,
    () => 'choose another, or remove it',
  );
  if (!existsSync(out)) return;
  for (const name of readdirSync(out))
    if (/^(tokens-\d+|documents)\.bin$/.test(name)) rmSync(join(out, name));
}
