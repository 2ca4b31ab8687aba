/** Models as ONNX graphs: what ONNX Runtime answers is what ours do. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BERT } from '../../models/bert.ts';
import { GPT, type GPTOptions } from '../../models/gpt.ts';
import { gpt2, llama } from '../../models/recipes.ts';
import { ViT } from '../../models/vit.ts';
import { type InteropModel, onnxFiles, roundToInt8 } from '../../src/interop/index.ts';
import { inference, lora, PReLU } from '../../src/nn/index.ts';
import { gelu, permute } from '../../src/ops/index.ts';
import { arange, manualSeed, randn, type Tensor, tensor } from '../../src/tensor/index.ts';
import { CharTokenizer } from '../../src/tokenizers/index.ts';
import { expectClose } from '../support/golden.ts';
import { fromFolder, noOnnx, openOnnx } from '../support/onnxRuntime.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const tiny: GPTOptions = {
  vocabSize: 11,
  context: 12,
  layers: 2,
  heads: 4,
  width: 16,
  hidden: 24,
  initStd: 0.3,
};
const ids = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];

/** Gives biases and gains numbers of their own, so that none can be forgotten unseen. */
function shaken<M extends InteropModel>(model: M): M {
  for (const { role, data } of model.parameters())
    if (role === 'bias' || role === 'gain') data.set(data.map((x, i) => x + 0.3 * Math.sin(i + 1)));
  return model;
}

const graph = async (model: InteropModel, name: string, level: 'all' | 'basic' = 'all') =>
  openOnnx((await onnxFiles(model)).get(`onnx/${name}.onnx`) as Uint8Array, level);

function logitsOf(model: GPT): Tensor {
  return inference(model, () => model.forward(tensor([ids], { dtype: 'int32' })));
}

describe.skipIf(noOnnx !== null)(`ONNX Runtime answers like our models (${noOnnx ?? 'it is there'})`, () => {
  manualSeed(8);
  const rotary = llama({ ...tiny, keyValueHeads: 2, headSize: 6 });
  const activations = ['elu', 'gelu', 'geluTanh', 'hardswish', 'leakyRelu', 'mish', 'sigmoid', 'softplus', 'squaredRelu', 'tanh', 'geglu', 'glu'] as const; // biome-ignore format: a list
  const models: [string, GPTOptions][] = [
    ['the GPT of the command line', tiny],
    ['GPT-2', gpt2({ ...tiny, tiedHead: false })],
    ['LLaMA, pairs of neighbours', rotary],
    ['LLaMA, pairs of halves, with biases', { ...rotary, rotaryLayout: 'half', bias: true }],
    ['ALiBi, norms behind, grouped queries', { ...tiny, positions: 'alibi', normPosition: 'post', keyValueHeads: 2, bias: true }],
    ['sines, a window, branches side by side', { ...tiny, positions: 'sinusoidal', window: 3, parallel: true }],
    ['QK norms, RMS norms, capped logits', { ...rotary, qkNorm: true, logitCap: 3, tiedHead: true }],
    ...activations.map((activation): [string, GPTOptions] => [activation, { ...tiny, layers: 1, activation }]),
  ]; // biome-ignore format: one case a line

  test.each(models)('GPT: %s', async (_, options) => {
    const model = shaken(new GPT(options));
    const want = logitsOf(model);
    const { session, ints, floats } = await graph(model, 'model_no_cache');
    const { logits } = await session.run({ input_ids: ints(ids, [1, ids.length]) });
    expectClose(tensor(Array.from(logits!.data)), [...want.data], 1e-5, 'without a cache');

    const cached = await graph(model, 'model');
    const { keyValueHeads, headSize } = model.blocks.items[0]!.attention;
    let state = Object.fromEntries(
      cached.session.inputNames.slice(1).map((name) => [name, floats([], [1, keyValueHeads, 0, headSize])]),
    );
    const got: number[] = [];
    for (const part of [ids.slice(0, 4), ids.slice(4, 5), ids.slice(5)]) {
      const out = await cached.session.run({ input_ids: ints(part, [1, part.length]), ...state });
      got.push(...out.logits!.data);
      state = Object.fromEntries(
        Object.keys(state).map((name) => [name, out[name.replace('past_key_values', 'present')]!]),
      );
    }
    expectClose(tensor(got), [...want.data], 1e-5, 'with a cache');
  });

  test('BERT, with padding', async () => {
    const model = shaken(
      new BERT({ vocabSize: 11, context: 12, layers: 2, heads: 2, width: 8, initStd: 0.3, activation: gelu }),
    );
    const segments = ids.map((_, i) => (i > 5 ? 1 : 0));
    const seen = ids.map((_, i) => (i > 7 ? 0 : 1));
    const t = (values: number[]) => tensor([values], { dtype: 'int32' });
    const { words, isNext, hidden } = inference(model, () => {
      const inputs = { tokens: t(ids), segments: t(segments), keyPaddingMask: t(seen.map((one) => 1 - one)) };
      return { ...model.forward(inputs, arange(ids.length)), hidden: model.encoder.forward(inputs).hidden };
    });
    const { session, ints } = await graph(model, 'model');
    const [input_ids, token_type_ids, attention_mask] = [ids, segments, seen].map((values) =>
      ints(values, [1, ids.length]),
    );
    const out = await session.run({
      input_ids: input_ids!,
      token_type_ids: token_type_ids!,
      attention_mask: attention_mask!,
    });
    for (const [name, want] of Object.entries({ logits: words, is_next: isNext, last_hidden_state: hidden }))
      expectClose(tensor(Array.from(out[name]!.data)), [...want.data], 1e-5, name);
  });

  test('ViT, two images', async () => {
    const model = shaken(
      new ViT({ imageSize: [8, 12], patchSize: 4, classes: 5, layers: 2, heads: 2, width: 8, initStd: 0.3 }),
    );
    const images = randn([2, 8, 12, 3]);
    const first = permute(images, [0, 3, 1, 2]);
    const { session, floats } = await graph(model, 'model');
    const { logits } = await session.run({ pixel_values: floats(first.toTypedArray(), first.shape) });
    expect(logits!.dims).toEqual([2, 5]);
    expectClose(
      tensor(Array.from(logits!.data)),
      [...inference(model, () => model.forward(images)).data],
      1e-5,
    );
  });

  test.each<[string, InteropModel]>([
    ['GPT', shaken(new GPT({ ...rotary, vocabSize: 300 }))],
    ['BERT', shaken(new BERT({ vocabSize: 300, context: 12, layers: 1, heads: 2, width: 8, initStd: 0.3 }))],
    [
      'ViT',
      shaken(
        new ViT({ imageSize: 8, patchSize: 4, classes: 5, layers: 1, heads: 2, width: 8, initStd: 0.3 }),
      ),
    ],
  ])('in int8 a %s is the one whose weights were rounded', async (_, model) => {
    const small = await graph(model, 'model_int8', 'basic');
    roundToInt8(model);
    const whole = await graph(model, 'model');
    const inputs = Object.fromEntries(
      small.session.inputNames.map((name) => {
        if (name === 'pixel_values') return [name, small.floats(randn([192]).data, [1, 3, 8, 8])];
        if (name.startsWith('past')) return [name, small.floats([], [1, 2, 0, 6])];
        return [name, small.ints(name === 'input_ids' ? ids : ids.map(() => 1), [1, ids.length])];
      }),
    );
    const [got, want] = [await small.session.run(inputs), await whole.session.run(inputs)];
    expectClose(tensor(Array.from(got.logits!.data)), [...want.logits!.data], 1e-5);
  });

  test.each([
    ['GPT-2', gpt2({ ...tiny, context: 24 })],
    ['LLaMA', llama({ ...tiny, context: 24, keyValueHeads: 2 })],
  ])('transformers.js opens %s and writes the same text', async (_, options) => {
    const folder = temporaryFolder();
    const tokenizer = CharTokenizer.from('hello world!?');
    const model = new GPT({ ...options, vocabSize: tokenizer.vocabSize });
    for (const [name, data] of await onnxFiles(model, { tokenizer })) {
      mkdirSync(dirname(join(folder, 'mine', name)), { recursive: true });
      writeFileSync(join(folder, 'mine', name), data);
    }
    const { pipeline, env } = fromFolder<{
      env: Record<string, unknown>;
      pipeline: (
        task: string,
        name: string,
        options: object,
      ) => Promise<(text: string, options: object) => Promise<{ generated_text: string }[]>>;
    }>('@huggingface/transformers');
    Object.assign(env, {
      allowRemoteModels: false,
      localModelPath: folder,
      cacheDir: null,
      useFSCache: false,
    });
    const generate = await pipeline('text-generation', 'mine', { dtype: 'fp32' });
    const [written] = await generate('hello', { max_new_tokens: 15, do_sample: false });
    const ours = model.generate(tokenizer.encode('hello'), { maxTokens: 15, temperature: 0 });
    expect(written!.generated_text).toBe(tokenizer.decode(ours));
  });
});

describe('what has no ONNX operators here', () => {
  test('is refused by name', async () => {
    const file = (options: Partial<GPTOptions>) => onnxFiles(new GPT({ ...tiny, ...options }));
    await expect(file({ activation: 'stochasticGelu' })).rejects.toThrow('leakyRelu, mish');
    await expect(file({ activation: new PReLU() })).rejects.toThrow('got PReLU');
    await expect(onnxFiles(lora(new GPT(tiny), { rank: 2 }))).rejects.toThrow(
      'no layer has an adapter. got blocks.0.attention.query',
    );
    await expect(onnxFiles({} as GPT)).rejects.toThrow('the model is a GPT, a BERT or a ViT');
  });

  test('in transformers.js has no config, but a graph', async () => {
    expect([...(await onnxFiles(new GPT({ ...tiny, positions: 'alibi' }))).keys()]).toEqual([
      'onnx/model.onnx',
      'onnx/model_no_cache.onnx',
      'onnx/model_int8.onnx',
    ]);
    const names = [...(await onnxFiles(new GPT(tiny), { tokenizer: CharTokenizer.from('ab') })).keys()];
    expect(names).toEqual(['onnx/model.onnx', 'onnx/model_no_cache.onnx', 'onnx/model_int8.onnx', 'config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json']); // biome-ignore format: a list
  });
});

test('a graph is the bytes that the specification says', async () => {
  const model = new GPT({ vocabSize: 2, context: 2, layers: 1, heads: 1, width: 2 });
  const bytes = (await onnxFiles(model)).get('onnx/model_no_cache.onnx') as Uint8Array;
  expect([...bytes.subarray(0, 2)]).toEqual([0x08, 8]); // field 1: the version of the format
  const text = Buffer.from(bytes).toString('latin1');
  expect(text).toContain('\x12\x0dscratchformer'); // field 2: who made it
  const numbers = Buffer.from(model.tokens.weight.toTypedArray().buffer).toString('latin1');
  expect(text).toContain(`\x0a\x02\x02\x02\x10\x01\x42\x0dtokens.weight\x4a\x10${numbers}`); // (2, 2), float, name, numbers
});
