import type { BERT } from '../../models/bert.ts';
import type { GPT } from '../../models/gpt.ts';
import type { ViT } from '../../models/vit.ts';
import { encodeSafetensors, openSafetensors, openShards, type TensorFile } from '../io/index.ts';
import type { Module } from '../nn/index.ts';
import { type Complete, check, display, fail, suggest, withDefaults } from '../tensor/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';
import { bert } from './bert.ts';
import { Config, checkShape } from './config.ts';
import type { Family } from './family.ts';
import { isThere, jsonOf } from './files.ts';
import { gpt2 } from './gpt2.ts';
import { llama } from './llama.ts';
import { checkCopies, fill, toTheirs } from './table.ts';
import { tokenIds, tokenizerFiles } from './tokenizerFiles.ts';
import { vit } from './vit.ts';

/** The models that are written and read. */
export type InteropModel = GPT | BERT | ViT;

const families: readonly Family<Module>[] = [gpt2, llama, bert, vit];

/** The options of `huggingFaceFiles`. */
export interface HuggingFaceOptions {
  /** Tokenizer to write beside the model. Default: none. */
  readonly tokenizer?: Tokenizer | null;
}

/**
 * The files of a folder that Hugging Face's `transformers` opens, by name: config.json, model.safetensors and,
 * with a tokenizer, its files.
 *
 *     for (const [name, data] of huggingFaceFiles(model, { tokenizer })) await writeFile(join(folder, name), data);
 *
 * Errors: what the format cannot say is named, and nothing is made.
 */
export function huggingFaceFiles(
  model: InteropModel,
  options: HuggingFaceOptions = {},
): Map<string, string | Uint8Array> {
  const where = 'huggingFaceFiles';
  const { tokenizer } = withDefaults<Complete<HuggingFaceOptions>>(where, options, { tokenizer: null });
  const family =
    families.find((one) => one.owns(model)) ??
    fail(
      where,
      'the model is a GPT, a BERT or a ViT',
      display(model),
      'other models have no counterpart there',
    );
  const say = `export as ${family.type}`;
  const config = family.write(model, say);
  if (tokenizer) checkVocabulary(say, tokenizer, config.vocab_size);
  const tensors = toTheirs(say, model.stateDict(), family.rows(model), family.layers(model));
  const dtype = tensors.values().next().value!.dtype;
  const whole = {
    architectures: [family.architecture],
    model_type: family.type,
    torch_dtype: dtype,
    ...config,
    ...(tokenizer && tokenIds(tokenizer)),
  };
  return new Map<string, string | Uint8Array>([
    ['config.json', json(whole)],
    ['model.safetensors', encodeSafetensors(tensors, { format: 'pt' })],
    ...(tokenizer ? tokenizerFiles(tokenizer, config) : []).map(
      ([name, data]) => [name, json(data)] as const,
    ),
  ]);
}

/**
 * The model in a folder as `transformers` writes it: config.json, and model.safetensors or its shards with an
 * index. Numbers of 16 bits become float32. Errors: what would compute something else is named.
 */
export async function importHuggingFace(folder: string): Promise<InteropModel> {
  const config = new Config(`${folder}/config.json`, await jsonOf(`${folder}/config.json`));
  const type = config.get('model_type');
  const family =
    families.find((one) => one.type === type) ??
    fail(
      config.where,
      'the model_type is known',
      display(type),
      suggest(
        type,
        families.map((one) => one.type),
      ),
    );
  const file = await openWeights(folder);
  try {
    return (await read(family, config, file)) as InteropModel;
  } finally {
    await file.close();
  }
}

async function read(family: Family<Module>, config: Config, file: TensorFile): Promise<Module> {
  const { where } = config;
  const found = new Map<string, string>();
  for (const inFile of file.shapes.keys()) {
    const name = family.spellings.reduce((text, [pattern, word]) => text.replace(pattern, word), inFile);
    check(!found.has(name), where, 'every tensor is there once', () => `${found.get(name)} and ${inFile}`);
    if (!family.ignored.test(name)) found.set(name, inFile);
  }
  for (const [name, shape] of family.largest(config))
    checkShape(where, file.shapes, found.get(name) ?? name, shape);
  const model = family.read(config);
  await checkCopies(where, family.copies(model), file, found);
  await fill(where, model, family.rows(model), family.layers(model), file, found);
  return model;
}

async function openWeights(folder: string): Promise<TensorFile> {
  const [whole, index] = [`${folder}/model.safetensors`, `${folder}/model.safetensors.index.json`];
  if (await isThere(whole)) return openSafetensors(whole);
  if (await isThere(index)) return openShards(index);
  fail(folder, 'there is a model.safetensors, or its index', 'neither', 'save it with safe_serialization');
}

function checkVocabulary(where: string, { vocabSize }: Tokenizer, rows: unknown): void {
  check(
    rows === undefined || vocabSize <= (rows as number),
    where,
    'the model has a row for each token of the tokenizer',
    () => `${vocabSize} tokens, ${rows} rows`,
  );
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
