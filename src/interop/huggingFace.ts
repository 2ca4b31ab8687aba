import type { BERT } from '../../models/bert.ts';
import type { GPT } from '../../models/gpt.ts';
import type { ViT } from '../../models/vit.ts';
import { encodeSafetensors, openSafetensors, openShards, type TensorFile } from '../io/index.ts';
import type { Module } from '../nn/index.ts';
import {
  type Complete,
  check,
  display,
  fail,
  InvariantError,
  suggest,
  withDefaults,
} from '../tensor/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';
import { wordOf } from './activations.ts';
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
 * The files of a folder that Hugging Face's `transformers` opens, by name: config.json, model.safetensors
 * and, with a tokenizer, its files.
 *
 *     for (const [name, data] of huggingFaceFiles(model, { tokenizer }))
 *       await writeFile(join(folder, name), data);
 *
 * Errors: what the format cannot say is named, and nothing is made.
 */
export function huggingFaceFiles(
  model: InteropModel,
  options: HuggingFaceOptions = {},
): Map<string, string | Uint8Array> {
  const { tokenizer } = settings('huggingFaceFiles', options);
  const family = familyOf('huggingFaceFiles', model);
  const where = `export as ${family.type}`;
  const described = describe(family, model, tokenizer);
  const tensors = toTheirs(where, model.stateDict(), family.rows(model), family.layers(model));
  return new Map<string, string | Uint8Array>([
    ...described,
    ['model.safetensors', encodeSafetensors(tensors, { format: 'pt' })],
  ]);
}

/** The files without weights; none, if the format cannot say what the model is. */
export function configFiles(model: InteropModel, options: HuggingFaceOptions): Map<string, string> {
  const { tokenizer } = settings('onnxFiles', options);
  try {
    return describe(familyOf('onnxFiles', model), model, tokenizer);
  } catch (error) {
    if (error instanceof InvariantError) return new Map();
    throw error;
  }
}

const settings = (where: string, options: HuggingFaceOptions) =>
  withDefaults<Complete<HuggingFaceOptions>>(where, options, { tokenizer: null });

function familyOf(where: string, model: InteropModel): Family<Module> {
  const hint = 'other models have no counterpart there';
  return (
    families.find((one) => one.owns(model)) ??
    fail(where, 'the model is a GPT, a BERT or a ViT', display(model), hint)
  );
}

function describe(
  family: Family<Module>,
  model: InteropModel,
  tokenizer: Tokenizer | null,
): Map<string, string> {
  const where = `export as ${family.type}`;
  const config = family.write(model, where);
  if (tokenizer) checkVocabulary(where, tokenizer, config.vocab_size);
  const whole = {
    architectures: [family.architecture],
    model_type: family.type,
    torch_dtype: model.parameters()[0]!.dtype,
    ...config,
    ...(tokenizer && tokenIds(tokenizer)),
  };
  const files: [string, object][] = [['config.json', whole]];
  if (tokenizer) files.push(...tokenizerFiles(tokenizer, config));
  return new Map(files.map(([name, value]) => [name, `${JSON.stringify(value, null, 2)}\n`]));
}

/**
 * The model in a folder as `transformers` writes it: config.json, and model.safetensors or its shards with an
 * index. Numbers of 16 bits become float32. Errors: what would compute something else is named.
 */
export async function importHuggingFace(folder: string): Promise<InteropModel> {
  const config = new Config(`${folder}/config.json`, await jsonOf(`${folder}/config.json`));
  const type = config.get('model_type');
  const known = families.map((one) => one.type);
  const family =
    families.find((one) => one.type === type) ??
    fail(config.where, 'the model_type is known', display(type), suggest(wordOf(type), known));
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
