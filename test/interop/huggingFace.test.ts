/**
 * Models that Hugging Face's transformers has written, read here: the same logits. And back: the same tensors
 * and the same config. No Python is needed; test/golden/interop.py made the files.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BERT } from '../../models/bert.ts';
import { GPT, type GPTOptions } from '../../models/gpt.ts';
import { gpt2, llama } from '../../models/recipes.ts';
import type { ViT } from '../../models/vit.ts';
import {
  huggingFaceFiles,
  type InteropModel,
  importHuggingFace,
  importTokenizer,
} from '../../src/interop/index.ts';
import { decodeSafetensors, openSafetensors, openShards } from '../../src/io/index.ts';
import { inference, lora } from '../../src/nn/index.ts';
import {
  arange,
  InvariantError,
  manualSeed,
  type NestedArray,
  type Tensor,
  tensor,
} from '../../src/tensor/index.ts';
import { type BPETokenizer, CharTokenizer } from '../../src/tokenizers/index.ts';
import { expectClose } from '../support/golden.ts';
import { root } from '../support/root.ts';
import { suiteFolder, temporaryFolder } from '../support/temporaryFolder.ts';

interface Answers {
  readonly tokens: NestedArray;
  readonly logits: NestedArray;
}
interface AllAnswers {
  gpt2: Answers & { written: number[]; text: string; ids: number[] };
  gpt2_untied: Answers;
  llama: Answers;
  bert: {
    tokens: NestedArray;
    segments: NestedArray;
    padding: NestedArray;
    words: NestedArray;
    isNext: NestedArray;
  };
  vit: { images: NestedArray; logits: NestedArray };
}
/** Those that are committed, or others that the same script has made: see run.ts. */
const fixtures = process.env.SCRATCHFORMER_FIXTURES ?? `${root}test/golden/interop`;
const answers = JSON.parse(readFileSync(`${fixtures}.json`, 'utf8')) as AllAnswers;

const theirs = (name: string) => `${fixtures}/${name}`;
const ints = (values: NestedArray) => tensor(values, { dtype: 'int32' });

/** Writes the files of a model to a folder. */
function save(model: InteropModel, options = {}): string {
  const folder = temporaryFolder();
  for (const [name, data] of huggingFaceFiles(model, options)) writeFileSync(join(folder, name), data);
  return folder;
}
const configOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;

function expectLogits(model: InteropModel, { tokens, logits }: Answers): void {
  const got = inference(model, () => (model as GPT).forward(ints(tokens)));
  expectClose(got, logits, 1e-5, 'logits');
}

/** Every number of the config that the model writes is that of theirs. */
function expectConfig(folder: string, name: string): void {
  const [ours, wanted] = [configOf(folder), configOf(theirs(name))];
  for (const [key, value] of Object.entries(wanted)) {
    if (key in ours && key !== 'torch_dtype' && value !== null)
      expect([key, ours[key]]).toEqual([key, value]);
  }
}

describe('models by transformers', () => {
  test('GPT-2: logits, text, tokens, and back', async () => {
    const model = (await importHuggingFace(theirs('gpt2'))) as GPT;
    const { written, text, ids } = answers.gpt2;
    expectLogits(model, answers.gpt2);
    expect(model.generate(written.slice(0, 4), { maxTokens: 6, temperature: 0 })).toEqual(written);
    const tokenizer = (await importTokenizer(theirs('gpt2'))) as BPETokenizer;
    expect([...tokenizer.encode(text)]).toEqual(ids);
    const folder = save(model, { tokenizer });
    const [a, b] = [folder, theirs('gpt2')].map(
      (place) => decodeSafetensors(readFileSync(join(place, 'model.safetensors'))).tensors,
    );
    expect([...a!.keys()].sort()).toEqual([...b!.keys()].sort());
    for (const [name, x] of a!) expect([name, x.toArray()]).toEqual([name, b!.get(name)!.toArray()]);
    expectConfig(folder, 'gpt2');
    expect((await importTokenizer(folder)).toJSON()).toEqual(tokenizer.toJSON());
  });

  test('GPT-2 in half precision, without a prefix, with a head of its own', async () => {
    const model = await importHuggingFace(theirs('gpt2Untied'));
    expectLogits(model, answers.gpt2_untied);
    expectConfig(save(model), 'gpt2Untied');
  });

  test('LLaMA in shards of brain floats', async () => {
    const model = (await importHuggingFace(theirs('llama'))) as GPT;
    expect([model.options.headSize, model.options.keyValueHeads, model.options.rotaryBase]).toEqual([
      6, 2, 500,
    ]);
    expectLogits(model, answers.llama);
    const folder = save(model);
    expectConfig(folder, 'llama');
    const wanted = await openShards(`${theirs('llama')}/model.safetensors.index.json`);
    const got = await openSafetensors(join(folder, 'model.safetensors'));
    for (const name of wanted.shapes.keys())
      expect([name, (await got.read(name)).toArray()]).toEqual([name, (await wanted.read(name)).toArray()]);
    await Promise.all([wanted.close(), got.close()]);
  });

  test('BERT with the names of old files: both tasks', async () => {
    const model = (await importHuggingFace(theirs('bert'))) as BERT;
    const { tokens, segments, padding, words, isNext } = answers.bert;
    const inputs = { tokens: ints(tokens), segments: ints(segments), keyPaddingMask: ints(padding) };
    const got = inference(model, () => model.forward(inputs, arange(20)));
    expectClose(got.words, (words as number[][][]).flat(), 1e-5, 'words');
    expectClose(
      got.isNext,
      (isNext as number[][]).map((pair) => pair.toReversed()),
      1e-5,
      'isNext',
    );
    const folder = save(model);
    expectConfig(folder, 'bert');
    expectSame(await importHuggingFace(folder), model);
  });

  test('ViT', async () => {
    const model = (await importHuggingFace(theirs('vit'))) as ViT;
    expectClose(
      inference(model, () => model.forward(tensor(answers.vit.images))),
      answers.vit.logits,
      1e-5,
    );
    const folder = save(model);
    expectConfig(folder, 'vit');
    expectSame(await importHuggingFace(folder), model);
  });
});

function expectSame(got: InteropModel, wanted: InteropModel): void {
  const arrays = (state: Map<string, Tensor>) => [...state].map(([name, x]) => [name, x.toArray()]);
  expect(arrays(got.stateDict())).toEqual(arrays(wanted.stateDict()));
}

const tiny: GPTOptions = { vocabSize: 11, context: 8, layers: 2, heads: 4, width: 16, hidden: 24 };
const tinyLlama = llama({ ...tiny, keyValueHeads: 2, rotaryBase: 300, initStd: 0.3 });

describe('models of ours come back with the same answers', () => {
  manualSeed(5);
  const tokens = ints([[1, 2, 3, 4, 10, 0, 0, 5]]);
  test.each<[string, GPT]>([
    ['the GPT of the command line: no biases', new GPT({ ...tiny, initStd: 0.3 })],
    ['GPT-2', new GPT(gpt2({ ...tiny, initStd: 0.3, tiedHead: false, activation: 'squaredRelu' }))],
    ['LLaMA, pairs of neighbours', new GPT(tinyLlama)],
    ['LLaMA, pairs of halves', new GPT({ ...tinyLlama, rotaryLayout: 'half', tiedHead: true })],
    [
      'LLaMA with biases and another gate',
      new GPT({ ...tinyLlama, bias: true, activation: 'geglu', headSize: 6 }),
    ],
  ])('%s', async (_, model) => {
    for (const [, parameter] of model.namedParameters()) {
      if (parameter.role === 'bias') parameter.data.set(parameter.data.map((_, i) => Math.sin(i)));
    }
    const again = (await importHuggingFace(save(model))) as GPT;
    const [want, got] = [model, again].map((one) => inference(one, () => one.forward(tokens)));
    expectClose(got!, want!.toArray(), 1e-6);
  });

  test('a tokenizer of characters, with 😀, __proto__ and digits, comes back', async () => {
    const tokenizer = CharTokenizer.from('2 10\n😀_proto"\\é');
    const folder = save(new GPT({ ...tiny, vocabSize: 30 }), { tokenizer });
    expect((await importTokenizer(folder)).toJSON()).toEqual(tokenizer.toJSON());
    expect(configOf(folder)).toMatchObject({ bos_token_id: null, eos_token_id: null });
  });
});

describe('what the format cannot say is refused by name', () => {
  test.each<[string, InteropModel, string]>([
    ['an activation', new GPT({ ...tiny, activation: 'stochasticGelu' }), 'the activation is one of gelu, geluTanh, relu, silu, tanh, sigmoid, mish, squaredRelu. got stochasticGelu'],
    ['a gate', new GPT({ ...tiny, activation: 'swiglu' }), 'got swiglu'],
    ['grouped queries', new GPT({ ...tiny, keyValueHeads: 2 }), 'export as gpt2: keyValueHeads is undefined or 4, all that the format can say. got 2'],
    ['a head size', new GPT({ ...tiny, headSize: 8 }), 'headSize is undefined or 4'],
    ['a cap', new GPT({ ...tiny, logitCap: 30 }), 'logitCap is undefined, all that the format can say. got 30'],
    ['ALiBi', new GPT({ ...tiny, positions: 'alibi' }), 'positions is "learned"'],
    ['norms behind', new GPT({ ...tiny, normPosition: 'post' }), 'normPosition is "pre"'],
    ['RMS norms', new GPT({ ...tiny, norm: 'rmsNorm' }), 'norm is "layerNorm"'],
    ['a window', new GPT({ ...tinyLlama, window: 4 }), 'export as llama: window is undefined'],
    ['QK norms', new GPT({ ...tinyLlama, qkNorm: true }), 'qkNorm is false'],
    ['no gate', new GPT({ ...tinyLlama, activation: 'relu' }), 'the activation is one of swiglu, geglu, glu. got relu'],
    ['adapters', lora(new GPT(tiny), { rank: 2 }), 'the format has a place for every parameter'],
    ['another model', {} as GPT, 'the model is a GPT, a BERT or a ViT'],
  ])('%s', (_, model, message) => {
    expect(() => huggingFaceFiles(model)).toThrow(message);
  }); // biome-ignore format: one case a line

  test('a tokenizer that is larger than the model', () => {
    const tokenizer = CharTokenizer.from('abcdefghijklmnop');
    expect(() => huggingFaceFiles(new GPT(tiny), { tokenizer })).toThrow('got 16 tokens, 11 rows');
  });
});

describe('a folder that says something else is refused by name', () => {
  /** A folder of theirs with some fields of the config changed. */
  function changed(name: string, fields: object): string {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'model.safetensors'), readFileSync(`${theirs(name)}/model.safetensors`));
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...configOf(theirs(name)), ...fields }));
    return folder;
  }
  const llamaFolder = (fields: object) => {
    const folder = temporaryFolder();
    const model = new GPT(tinyLlama);
    for (const [name, data] of huggingFaceFiles(model)) writeFileSync(join(folder, name), data);
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...configOf(folder), ...fields }));
    return folder;
  };

  test.each<[string, () => string, string]>([
    ['another model', () => changed('gpt2', { model_type: 'gtp2' }), 'the model_type is known. got "gtp2". did you mean "gpt2"?'],
    ['another activation', () => changed('gpt2', { activation_function: 'gelu_10' }), 'the activation is known. got "gelu_10"'],
    ['other scores', () => changed('gpt2', { scale_attn_weights: false }), 'scale_attn_weights is true, which is what is read here. got false'],
    ['a size beyond the file', () => changed('gpt2', { vocab_size: 1e9 }), 'wte.weight is (1000000000, 8), as the config says. got (262, 8)'],
    ['more layers than there are', () => changed('gpt2', { n_layer: 1e9 }), 'h.999999999.mlp.c_fc.weight'],
    ['fewer layers than there are', () => changed('gpt2', { n_layer: 1 }), 'unexpected: transformer.h.1.attn.c_attn.bias'],
    ['a wider network', () => changed('vit', { intermediate_size: 1e9 }), 'is (1000000000, 8)'],
    ['a size that is none', () => changed('vit', { hidden_size: '8' }), 'hidden_size is a whole number ≥ 1. got "8"'],
    ['a head that is not tied', () => changed('gpt2', { tie_word_embeddings: false }), 'missing: lm_head.weight'],
    ['a head that is, and is not', () => changed('gpt2Untied', { tie_word_embeddings: true }), 'lm_head.weight is wte.weight once more'],
    ['a decoder', () => changed('bert', { is_decoder: true }), 'is_decoder is false'],
    ['stretched positions', () => llamaFolder({ rope_scaling: { rope_type: 'yarn', factor: 4 } }), 'rope_type is "default"'],
    ['half of the biases', () => llamaFolder({ attention_bias: true }), 'mlp_bias is true'],
    ['no file', () => temporaryFolder(), 'config.json: the file can be read. got ENOENT'],
  ])('%s', async (_, folder, message) => {
    await expect(importHuggingFace(folder())).rejects.toThrow(message);
  }); // biome-ignore format: one case a line
});

describe('whatever a config says, it is an error in words or a model', () => {
  const folder = suiteFolder();

  test.each(['gpt2', 'bert', 'vit'])('%s', async (name) => {
    const config = configOf(theirs(name));
    writeFileSync(join(folder, 'model.safetensors'), readFileSync(`${theirs(name)}/model.safetensors`));
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(-1, 0, 0.5, 1e300, 2 ** 53, { toString: 1 }, { length: 9 }),
    );
    let errors = 0;
    const property = fc.asyncProperty(fc.constantFrom(...Object.keys(config)), value, async (key, value) => {
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, [key]: value }));
      try {
        await importHuggingFace(folder);
      } catch (error) {
        expect(error).toBeInstanceOf(InvariantError);
        errors++;
      }
    });
    await fc.assert(property, { numRuns: 150 });
    expect(errors).toBeGreaterThan(10);
  });

  test('JSON or not', async () => {
    for (const text of ['', '[]', 'null', '{', '"gpt2"', '{"model_type":{"toString":0}}']) {
      writeFileSync(join(folder, 'config.json'), text);
      await expect(importHuggingFace(folder), text).rejects.toThrow(InvariantError);
    }
  });
});
