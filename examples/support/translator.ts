import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from 'scratchformer';
import { decodeSafetensors, encodeSafetensors, writeFileAtomic } from 'scratchformer/io';
import { Transformer, type TransformerOptions } from 'scratchformer/models';
import { type Tokenizer, tokenizerFromJSON } from 'scratchformer/tokenizers';

/** A model that translates, and the tokenizer of both its languages. */
export interface Translator {
  readonly model: Transformer;
  readonly tokenizer: Tokenizer;
}

/** The tokens that every translator has, among them one for words that it does not know. */
export const special = ['[PAD]', '[BOS]', '[EOS]', '[UNK]'];

/** The ids of what fills up a batch, and of what a translation starts and ends with. */
export function specialIds({ specialTokens }: Tokenizer) {
  const id = (name: string) => specialTokens.get(name)!;
  return { padding: id('[PAD]'), start: id('[BOS]'), stop: id('[EOS]') };
}

/** Translates one sentence, with 4 beams. */
export function translateText({ model, tokenizer }: Translator, sentence: string): string {
  const { start, stop } = specialIds(tokenizer);
  const { context } = model.options;
  const source = [...tokenizer.encode(sentence), stop];
  check(
    source.length <= context,
    'translateText',
    `a sentence has at most ${context - 1} tokens`,
    () => `${source.length - 1}`,
    () => 'cut it in two',
  );
  return tokenizer.decode(model.translate(source, { start, stop, beams: 4, lengthPenalty: 0.6 })).trim();
}

const fileOf = (folder: string) => join(folder, 'translator.safetensors');

/** Saves a translator in a folder: one file, with weights, sizes and tokenizer. */
export async function saveTranslator(folder: string, { model, tokenizer }: Translator): Promise<string> {
  const translator = JSON.stringify({ options: model.options, tokenizer });
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(fileOf(folder), encodeSafetensors(model.stateDict(), { translator }));
  return fileOf(folder);
}

/** Loads what `saveTranslator` has written. */
export async function loadTranslator(folder: string): Promise<Translator> {
  const where = `translator ${fileOf(folder)}`;
  const { tensors, metadata } = decodeSafetensors(await readFile(fileOf(folder)), where);
  const text = metadata.get('translator');
  check(text !== undefined, where, 'the file is that of a translator', () => 'another');
  const { options, tokenizer } = JSON.parse(text) as { options: TransformerOptions; tokenizer: unknown };
  const model = new Transformer(options);
  model.loadStateDict(tensors);
  return { model, tokenizer: tokenizerFromJSON(tokenizer) };
}
