/** What is refused, by whom, and in which words: options and plain arguments of everything exported. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as models from '../models/index.ts';
import * as optimizers from '../optimizers/index.ts';
import * as corpora from '../src/corpora/index.ts';
import * as data from '../src/data/index.ts';
import * as generation from '../src/generation/index.ts';
import * as s from '../src/index.ts';
import * as io from '../src/io/index.ts';
import { persistentZeros } from '../src/tensor/index.ts';
import * as tokenizers from '../src/tokenizers/index.ts';
import * as train from '../src/train/index.ts';

/** What TypeScript would not let pass. */
const bad = (value: unknown) => value as never;
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const x = s.randn([2, 4]);
const tokens = Int32Array.from({ length: 40 }, (_, i) => i % 5);
const size = { vocabSize: 5, context: 8, layers: 1, heads: 1, width: 4 };
const gpt = new models.GPT(size);
const bert = new models.BERT(size);
const lstm = new models.LSTMLanguageModel({ vocabSize: 5, width: 4, hidden: 4 });
const adamW = () => new optimizers.AdamW(gpt.parameters());
const nextBatch = () => data.randomBatch(tokens, { batchSize: 1, context: 4 });
const trainer = (options: object) => () =>
  new train.Trainer({ model: gpt, optimizer: adamW(), nextBatch, steps: 3, ...options });
const ids = { vocabSize: 5, special: 2, mask: 1 };
const linear = new s.Linear(2, 2);
const warmup = { peak: 1, warmup: 2, steps: 5 };

type Row = [what: string, call: () => unknown, message: string];
const tables: Record<string, Row[]> = {
  tensor: [
    ['setDefaultDtype', () => s.setDefaultDtype(bad('float')), 'setDefaultDtype: dtype is float32 or float64. got "float".'],
    ['a value that is no number', () => s.full([2], bad('1')), 'full: the value is a number. got "1".'],
    ['no value', () => s.full([2], bad(undefined)), 'full: the value is a number. got undefined.'],
    ['NaN as int32', () => s.tensor([1, nan], { dtype: 'int32' }), 'tensor: int32 holds the number. got NaN at index 1.'],
    ['a number too large for int32', () => s.tensor([2 ** 31], { dtype: 'int32' }), 'got 2147483648'],
    ['bigints', () => s.tensor(bad(BigInt64Array.of(1n))), 'tensor: values are numbers. got BigInt64Array.'],
    ['requiresGrad that is no boolean', () => s.zeros([1], { requiresGrad: bad(1) }), 'zeros: requiresGrad is a boolean. got 1.'],
    ['arange(start, end)', () => s.arange(3, bad(7)), 'arange: options are an object. got 7. write { start: … }.'],
    ['random that is no function', () => s.randn([1], { random: bad(5) }), 'randn: random is a function. got 5.'],
    ['random of rand', () => s.rand([1], { random: bad('x') }), 'rand: random is a function. got "x".'],
    ['manualSeed', () => s.manualSeed(bad('a')), 'manualSeed: the seed is a whole number. got "a".'],
    ['randomStream', () => s.randomStream(bad(undefined)), 'randomStream: the name is a string. got undefined.'],
    ['restoreRandomState', () => s.restoreRandomState(bad({ seed: 1 })), 'restoreRandomState: the state has a seed and streams, as randomState gives them. got { seed: 1 }.'],
    ['a stream that is none', () => s.restoreRandomState(bad({ seed: 1, streams: { init: 3 } })), 'restoreRandomState: the state has'],
    ['persistentZeros', () => persistentZeros([1.5]), 'persistentZeros: dimensions are whole numbers'],
  ],
  autograd: [
    ['noGrad', () => s.noGrad(bad(undefined)), 'noGrad: what runs without recording is a function. got undefined.'],
    ['detectAnomaly', () => s.detectAnomaly(bad(3)), 'detectAnomaly: what runs with checks is a function. got 3.'],
    ['eps of gradcheck', () => s.gradcheck(s.exp, [s.randn([1], { dtype: 'float64' })], { eps: 0 }), 'gradcheck: eps is > 0. got 0.'],
    ['atol of gradcheck', () => s.gradcheck(s.exp, [s.randn([1], { dtype: 'float64' })], { atol: nan }), 'gradcheck: atol is a finite number ≥ 0. got NaN.'],
    ['inputs of gradcheck', () => s.gradcheck(s.exp, bad(x)), 'gradcheck: inputs are a list. got Tensor of shape (2, 4). write gradcheck(op, [x]).'],
    ['retainGraph', () => s.backward(s.sum(s.randn([1], { requiresGrad: true })), undefined, { retainGraph: bad('yes') }), 'backward: retainGraph is a boolean. got "yes".'],
  ],
  ops: [
    ['layerNorm', () => s.layerNorm(x, null, null, { eps: -1 }), 'layerNorm: eps is a finite number ≥ 0. got -1.'],
    ['layerNorm, NaN', () => s.layerNorm(x, null, null, { eps: nan }), 'layerNorm: eps is a finite number ≥ 0. got NaN.'],
    ['rmsNorm', () => s.rmsNorm(x, null, { eps: infinity }), 'rmsNorm: eps is a finite number ≥ 0. got Infinity.'],
    ['elu', () => s.elu(x, { alpha: nan }), 'elu: alpha is a finite number. got NaN.'],
    ['leakyRelu', () => s.leakyRelu(x, { negativeSlope: nan }), 'leakyRelu: negativeSlope is a finite number. got NaN.'],
    ['silu', () => s.silu(x, { beta: bad('1') }), 'silu: beta is a number. got "1".'],
    ['clamp', () => s.clamp(x, { min: nan, max: 1 }), 'clamp: bounds are not NaN. got min NaN, max 1.'],
    ['keepDims', () => s.sum(x, 0, { keepDims: bad(1) }), 'sum: keepDims is a boolean. got 1.'],
    ['stochasticGelu', () => s.stochasticGelu(x, { training: bad('no') }), 'stochasticGelu: training is a boolean. got "no".'],
    ['zoneout', () => s.zoneout(x, x, 1), 'zoneout: the probability to drop lies in [0, 1). got 1.'],
    ['gain of layerNorm', () => s.layerNorm(x, bad(1)), 'layerNorm: gain is a tensor. got 1.'],
    ['weight of linear', () => s.linear(x, bad(null)), 'linear: weight is a tensor. got null.'],
    ['slope of prelu', () => s.prelu(x, bad(0.1)), 'prelu: the weight is a tensor. got 0.1.'],
    ['slice', () => s.slice(x, bad(1)), 'slice: options are an object. got 1. write { axis: 0, start: 1, end: … }.'],
    ['concat', () => s.concat(bad(x), bad(x)), 'concat: the first argument is one list of tensors. got Tensor of shape (2, 4). write concat([a, b]).'],
    ['stack', () => s.stack([x, bad(1)]), 'stack: the first argument is one list of tensors. got [Tensor of shape (2, 4), 1].'],
  ],
  nn: [
    ['LayerNorm', () => new s.LayerNorm(4, { eps: nan }), 'LayerNorm: eps is a finite number ≥ 0. got NaN.'],
    ['RMSNorm', () => new s.RMSNorm(4, { eps: -1 }), 'RMSNorm: eps is a finite number ≥ 0. got -1.'],
    ['normLayer', () => s.normLayer('layerNorm', 4, { eps: -1 }), 'LayerNorm: eps is a finite number ≥ 0. got -1.'],
    ['Dropout', () => new s.Dropout(nan), 'Dropout: p lies in [0, 1). got NaN.'],
    ['PReLU', () => new s.PReLU(1, nan), 'PReLU: initialSlope is a finite number. got NaN.'],
    ['init that is no function', () => new s.Linear(2, 2, { init: bad(0.02) }), 'Linear: init is a function. got 0.02.'],
    ['bias that is no boolean', () => new s.Linear(2, 2, { bias: bad(0) }), 'Linear: bias is a boolean. got 0.'],
    ['Embedding', () => new s.Embedding(2, 2, { init: bad(1) }), 'Embedding: init is a function. got 1.'],
    ['forgetBias', () => new s.LSTM(2, 2, { forgetBias: nan }), 'LSTM: forgetBias is a finite number. got NaN.'],
    ['zoneoutCell', () => new s.LSTM(2, 2, { zoneoutCell: 1 }), 'LSTM: zoneoutCell lies in [0, 1). got 1.'],
    ['attention without options', () => new s.MultiHeadAttention(4, bad(undefined)), 'MultiHeadAttention: options are an object. got undefined. write { heads: … }.'],
    ['a block without options', () => new s.TransformerBlock(4, bad(undefined)), 'TransformerBlock: options are an object. got undefined.'],
    ['a decoder block without options', () => new s.DecoderBlock(4, bad(2)), 'DecoderBlock: options are an object. got 2.'],
    ['FeedForward(width, hidden)', () => new s.FeedForward(4, bad(16)), 'FeedForward: options are an object. got 16. write { hidden: … }.'],
    ['dropout of a block', () => new s.TransformerBlock(4, { heads: 1, dropout: -1 }), 'Dropout: p lies in [0, 1). got -1.'],
    ['Sequential of a function', () => new s.Sequential(linear, bad(s.tanh)), 'Sequential: its items are modules. got function tanh. a function becomes one by new Activation(f).'],
    ['ModuleList of none', () => new s.ModuleList(bad(undefined)), 'ModuleList: its items are a list of modules. got undefined.'],
    ['normLayer of no name', () => s.normLayer(bad(3), 4), 'normLayer: the norm is known. got 3.'],
    ['ModuleList of a number', () => new s.ModuleList([bad(1)]), 'ModuleList: its items are modules. got 1.'],
    ['Activation', () => new s.Activation(bad(3)), 'Activation: an activation, given by itself or by name, is a function. got 3.'],
    ['Parameter without a role', () => new s.Parameter(x, bad(undefined)), "Parameter: its role is given. got undefined. write new Parameter(values, { role: 'weight' })"],
    ['Parameter of numbers', () => new s.Parameter(bad([1]), { role: 'bias' }), 'Parameter: its values are a tensor. got [1].'],
    ['options of loadStateDict', () => linear.loadStateDict(linear.stateDict(), bad({ strikt: false })), 'loadStateDict: every option is known. got "strikt". did you mean "strict"?'],
    ['loadStateDict of an object', () => linear.loadStateDict(bad({ weight: x })), 'loadStateDict: the state is a Map of tensors by name, as stateDict gives it. got { weight: … }.'],
    ['initNormal', () => s.initNormal(-1), 'initNormal: std is a finite number ≥ 0. got -1.'],
    ['initTruncatedNormal', () => s.initTruncatedNormal(nan), 'initTruncatedNormal: std is a finite number ≥ 0. got NaN.'],
    ['initUniform', () => s.initUniform(1, 0), 'initUniform: low ≤ high. got 1 and 0.'],
    ['initUniform, one bound', () => s.initUniform(1, bad(undefined)), 'initUniform: high is a finite number. got undefined.'],
    ['initXavierUniform', () => s.initXavierUniform(nan), 'initXavierUniform: gain is a finite number ≥ 0. got NaN.'],
    ['initXavierNormal', () => s.initXavierNormal(-1), 'initXavierNormal: gain is a finite number ≥ 0. got -1.'],
    ['initKaimingUniform', () => s.initKaimingUniform(infinity), 'initKaimingUniform: gain is a finite number ≥ 0. got Infinity.'],
    ['initKaimingNormal', () => s.initKaimingNormal(bad('1')), 'initKaimingNormal: gain is a finite number ≥ 0. got "1".'],
    ['initResidual', () => s.initResidual(0), 'initResidual: layers is a whole number ≥ 1. got 0.'],
    ['initSinusoidal', () => s.initSinusoidal(nan), 'initSinusoidal: amplitude is a finite number. got NaN.'],
    ['initSinusoidal of a vector', () => s.initSinusoidal()([3]), 'sinusoids: a table of positions is (T, C). got (3).'],
    ['beamSearch', () => generation.beamSearch(bad(undefined)), 'beamSearch: options are an object. got undefined.'],
    ['next of beamSearch', () => generation.beamSearch({ next: bad(1), stop: 0 }), 'beamSearch: next is a function. got 1.'],
    ['stop of beamSearch', () => generation.beamSearch({ next: () => [], stop: -1 }), 'beamSearch: stop is a whole number ≥ 0. got -1.'],
    ['lengthPenalty', () => generation.beamSearch({ next: () => [], stop: 0, lengthPenalty: infinity }), 'beamSearch: lengthPenalty ≥ 0. got Infinity.'],
    ['KeyValueCache', () => new generation.KeyValueCache([1, 1, 1.5, 2]), 'dimensions are whole numbers ≥ 0. got (1, 1, 1.5, 2).'],
  ],
  models: [
    ['initStd of a GPT', () => new models.GPT({ ...size, initStd: -1 }), 'initNormal: std is a finite number ≥ 0. got -1.'],
    ['tokenStd of BERT', () => new models.BERT({ ...size, tokenStd: nan }), 'initTruncatedNormal: std is a finite number ≥ 0. got NaN.'],
    ['a GPT without options', () => new models.GPT(bad(undefined)), 'GPT: options are an object. got undefined. write { vocabSize: … }.'],
    ['BERT without options', () => new models.BERT(bad(undefined)), 'BERT: options are an object. got undefined.'],
    ['a Transformer without options', () => new models.Transformer(bad(undefined)), 'Transformer: options are an object. got undefined.'],
    ['an LSTM without options', () => new models.LSTMLanguageModel(bad(5)), 'LSTMLanguageModel: options are an object. got 5.'],
    ['BERTClassifier of a BERT', () => new models.BERTClassifier(bad(gpt), { classes: 2 }), 'BERTClassifier: the encoder is a BERTEncoder. got GPT.'],
    ['a fraction to translate', () => new models.Transformer({ ...size, layers: 1 }).translate([0.5], { start: 0, stop: 1 }), 'translate: tokens of the source are whole numbers ≥ 0. got 0.5 at index 0.'],
    ['labelSmoothing', () => new models.Transformer({ vocabSize: 5, labelSmoothing: nan }), 'Transformer: labelSmoothing lies in [0, 1]. got NaN.'],
    ...[gpt, lstm].flatMap((model): Row[] => [
      ['a fractional maxTokens', () => model.generate([1], { maxTokens: 1.5 }), 'generate: maxTokens is a whole number ≥ 0. got 1.5.'],
      ['NaN as maxTokens', () => model.generate([1], { maxTokens: nan }), 'generate: maxTokens is a whole number ≥ 0. got NaN.'],
      ['a negative maxTokens', () => model.generate([1], { maxTokens: -1 }), 'generate: maxTokens is a whole number ≥ 0. got -1.'],
      ['a number for options', () => model.generate([1], bad(20)), 'generate: options are an object. got 20.'],
      ['a stop that is no id', () => model.generate([1], { stop: -1 }), 'generate: stop tokens are whole numbers ≥ 0. got -1'],
      ['a stop beyond the vocabulary', () => model.generate([1], { stop: 5 }), 'generate: stop tokens lie in [0, 5). got 5'],
      ['NaN in the prompt', () => model.generate([1, nan]), 'generate: tokens of the prompt are whole numbers ≥ 0. got NaN at index 1.'],
      ['a fraction in the prompt', () => model.generate([0.5]), 'generate: tokens of the prompt are whole numbers ≥ 0. got 0.5 at index 0.'],
      ['a negative token', () => model.generate([-2]), 'generate: tokens of the prompt are whole numbers ≥ 0. got -2 at index 0.'],
      ['a token beyond the vocabulary', () => model.generate([0, 5]), 'generate: tokens of the prompt lie in [0, 5). got 5 at index 1.'],
      ['no prompt', () => model.generate(bad(undefined)), 'generate: tokens of the prompt are a list of ids. got undefined.'],
      ['a text for a prompt', () => model.generate(bad('the')), 'generate: tokens of the prompt are a list of ids. got "the".'],
      ['random', () => model.generate([1], { random: bad(3) }), 'generate: random is a function. got 3.'],
      ['temperature, though nothing is drawn', () => model.generate([1], { maxTokens: 0, temperature: -1 }), 'generate: temperature ≥ 0. got -1.'],
    ]),
  ],
  optimizers: [
    ['a rate for options', () => new optimizers.AdamW(gpt.parameters(), bad(1e-3)), 'AdamW: options are an object. got 0.001. write { lr: … }.'],
    ['null for options', () => new optimizers.SGD(gpt.parameters(), bad(null)), 'SGD: options are an object. got null.'],
    ['constant of NaN', () => optimizers.constant(1)(nan), 'constant: step is a finite number ≥ 0. got NaN.'],
    ['warmupLinear of NaN', () => optimizers.warmupLinear(warmup)(nan), 'warmupLinear: step is a finite number ≥ 0. got NaN.'],
    ['warmupCosine of −1', () => optimizers.warmupCosine(warmup)(-1), 'warmupCosine: step is a finite number ≥ 0. got -1.'],
    ['noam of nothing', () => optimizers.noam({ width: 4, warmup: 2 })(bad(undefined)), 'noam: step is a finite number ≥ 0. got undefined.'],
    ['bertSchedule of NaN', () => optimizers.bertSchedule(warmup)(nan), 'bertSchedule: step is a finite number ≥ 0. got NaN.'],
    ['a schedule without options', () => optimizers.noam(bad(undefined)), 'noam: options are an object. got undefined.'],
    ['warmupStableDecay of NaN', () => optimizers.warmupStableDecay({ ...warmup, decay: 1 })(nan), 'warmupStableDecay: step is a finite number ≥ 0. got NaN.'],
    ['shape', () => optimizers.warmupStableDecay({ ...warmup, decay: 1, shape: bad(2) }), 'warmupStableDecay: shape is a function. got 2.'],
    ['exclude', () => optimizers.decayGroupsByName(gpt, { weightDecay: 1, exclude: bad('bias') }), 'decayGroupsByName: exclude is a list of strings and regular expressions. got "bias".'],
    ['decayGroups of parameters', () => optimizers.decayGroups(bad(gpt.parameters()), { weightDecay: 1 }), 'decayGroups: the model is a module, with namedParameters(). got ['],
    ['decayGroups(model, 0.1)', () => optimizers.decayGroups(gpt, bad(0.1)), 'decayGroups: options are an object. got 0.1. write { weightDecay: … }.'],
  ],
  train: [
    ['Trainer without options', () => new train.Trainer(bad(undefined)), 'Trainer: options are an object. got undefined. write { model: … }.'],
    ['an unknown option', trainer({ step: 3 }), 'Trainer: every option is known. got "step". did you mean "steps"?'],
    ['a model without loss', trainer({ model: linear }), 'Trainer: model is a module with a method loss(inputs, targets). got Linear.'],
    ['an optimizer that is none', trainer({ optimizer: {} }), 'Trainer: optimizer has the methods step() and zeroGrad(). got {}.'],
    ['nextBatch', trainer({ nextBatch: [] }), 'Trainer: nextBatch is a function. got [].'],
    ['afterBackward', trainer({ afterBackward: 1 }), 'Trainer: afterBackward is a function. got 1.'],
    ['schedule', trainer({ schedule: 1e-3 }), 'Trainer: schedule is a function. got 0.001.'],
    ['steps', trainer({ steps: 1.5 }), 'Trainer: steps is a whole number ≥ 0. got 1.5.'],
    ['startStep NaN', trainer({ startStep: nan }), 'Trainer: startStep is a whole number ≥ 0. got NaN.'],
    ['startStep −1', trainer({ startStep: -1 }), 'Trainer: startStep is a whole number ≥ 0. got -1.'],
    ['startStep > steps', trainer({ startStep: 4 }), 'Trainer: startStep ≤ steps. got 4 and 3.'],
    ['accumulate 0', trainer({ accumulate: 0 }), 'Trainer: accumulate is a whole number ≥ 1. got 0.'],
    ['accumulate 1.5', trainer({ accumulate: 1.5 }), 'Trainer: accumulate is a whole number ≥ 1. got 1.5.'],
    ['clip −1', trainer({ clip: -1 }), 'Trainer: clip is a number > 0. got -1.'],
    ['clip NaN', trainer({ clip: nan }), 'Trainer: clip is a number > 0. got NaN.'],
    ['hooks', trainer({ hooks: () => {} }), 'Trainer: hooks are a list of functions. got function hooks.'],
    ['a hook', trainer({ hooks: [1] }), 'Trainer: hook 0 is a function. got 1.'],
    ['every 0', () => train.every(0, () => {}), 'every: interval is a whole number ≥ 1. got 0.'],
    ['every without a hook', () => train.every(2, bad(undefined)), 'every: hook is a function. got undefined.'],
    ['clipGradNorm(model.parameters, 1)', () => train.clipGradNorm(bad(gpt.parameters), 1), 'clipGradNorm: the first argument is a list of parameters. got function parameters. write model.parameters(), with the parentheses.'],
    ['clipGradNorm of tensors', () => train.clipGradNorm([bad(x)], 1), 'clipGradNorm: the first argument is a list of parameters. got [Tensor of shape (2, 4)].'],
    ['maxNorm', () => train.clipGradNorm(gpt.parameters(), bad(undefined)), 'clipGradNorm: maxNorm is > 0. got undefined.'],
    ['options of evaluateLoss', () => train.evaluateLoss(gpt, tokens, bad({ context: 4, strid: 1 })), 'windows: every option is known. got "strid". did you mean "stride"?'],
    ['evaluateLoss without options', () => train.evaluateLoss(gpt, tokens, bad(undefined)), 'windows: options are an object. got undefined. write { context: … }.'],
  ],
  data: [
    ['split', () => data.split(bad([1, 2]), 0.5), 'split: tokens are an Int32Array. got [1, 2].'],
    ['windows', () => data.windows(bad([1, 2]), { context: 1 }), 'windows: tokens are an Int32Array. got [1, 2].'],
    ['randomBatch without options', () => data.randomBatch(tokens, bad(undefined)), 'randomBatch: options are an object. got undefined.'],
    ['random of randomBatch', () => data.randomBatch(tokens, { batchSize: 1, context: 2, random: bad('x') }), 'randomBatch: random is a function. got "x".'],
    ['random of maskTokens', () => data.maskTokens([2, 3], { ...ids, random: bad(1) }), 'maskTokens: random is a function. got 1.'],
    ['NaN among tokens to mask', () => data.maskTokens([2, nan], ids), 'maskTokens: tokens are whole numbers ≥ 0. got NaN at index 1.'],
    ['pad', () => data.pad([[1, 0.5]], 0), 'pad: tokens are whole numbers. got 0.5.'],
    ['padding', () => data.pad([[1]], bad(undefined)), 'pad: padding is a whole number'],
    ['sequences', () => data.pad(bad(3), 0), 'pad: sequences are a list. got 3.'],
    ['framedPair', () => data.framedPair([nan], [1], { cls: 0, sep: 1 }), 'framedPair: tokens are whole numbers ≥ 0. got NaN at index 0.'],
    ['a frame without sep', () => data.framedPair([1], [1], bad({ cls: 0 })), 'framedPair: sep is given. got nothing.'],
    ['random of randomPair', () => data.randomPair([[[1], [1]], [[1], [1]]], { cls: 0, sep: 1, random: bad(2) }), 'randomPair: random is a function. got 2.'],
    ['seed of stories', () => corpora.stories({ stories: 1, seed: bad({}) }), 'stories: the seed is a string or a finite number. got {}.'],
    ['seed of translator', () => corpora.translator(nan), 'translator: the seed is a string or a finite number. got NaN.'],
  ],
  tokenizers: [
    ['CharTokenizer.from', () => tokenizers.CharTokenizer.from(bad(5)), 'CharTokenizer.from: the text is a string. got 5.'],
    ['CharTokenizer.encode', () => tokenizers.CharTokenizer.from('a').encode(bad(['a'])), 'CharTokenizer.encode: the text is a string. got ["a"].'],
    ['WordTokenizer.from', () => tokenizers.WordTokenizer.from(bad(5)), 'WordTokenizer.from: the text is a string. got 5.'],
    ['WordTokenizer.encode', () => tokenizers.WordTokenizer.from('a').encode(bad(undefined)), 'WordTokenizer.encode: the text is a string. got undefined.'],
    ['special tokens', () => tokenizers.WordTokenizer.from('a', { special: bad('[PAD]') }), 'WordTokenizer.from: special tokens are a list of strings. got "[PAD]".'],
  ],
  io: [
    ['encodeSafetensors of an object', () => io.encodeSafetensors(bad({ x })), 'encodeSafetensors: tensors are a Map by name. got { x: … }.'],
    ['decodeSafetensors of a text', () => io.decodeSafetensors(bad('abc')), 'decodeSafetensors: the bytes are a Uint8Array. got "abc".'],
  ],
}; // biome-ignore format: a table

describe.each(Object.entries(tables))('%s', (_place, rows) => {
  test.each(rows)('%s', (_what, call, message) => {
    const refused = s.noGrad(() => {
      try {
        return call();
      } catch (error) {
        return { error };
      }
    }) as { error?: unknown };
    expect(String(refused?.error)).toContain(message);
    expect(refused.error).toBeInstanceOf(s.InvariantError);
  });
});

/** What is called with every required option but one, by the name that its errors have. */
const required: Record<string, [call: (options: never) => unknown, options: object]> = {
  GPT: [(options) => new models.GPT(options), { vocabSize: 5, context: 4 }],
  BERT: [(options) => new models.BERT(options), { vocabSize: 5, context: 4 }],
  BERTClassifier: [(options) => new models.BERTClassifier(bert.encoder, options), { classes: 2 }],
  Transformer: [(options) => new models.Transformer(options), { vocabSize: 5 }],
  LSTMLanguageModel: [(options) => new models.LSTMLanguageModel(options), { vocabSize: 5 }],
  translate: [(options) => new models.Transformer(size).translate([1], options), { start: 0, stop: 1 }],
  MultiHeadAttention: [(options) => new s.MultiHeadAttention(4, options), { heads: 1 }],
  TransformerBlock: [(options) => new s.TransformerBlock(4, options), { heads: 1 }],
  DecoderBlock: [(options) => new s.DecoderBlock(4, options), { heads: 1 }],
  warmupLinear: [(options) => optimizers.warmupLinear(options), { peak: 1, steps: 5 }],
  warmupCosine: [(options) => optimizers.warmupCosine(options), { peak: 1, steps: 5 }],
  bertSchedule: [(options) => optimizers.bertSchedule(options), { peak: 1, steps: 5 }],
  noam: [(options) => optimizers.noam(options), { width: 4, warmup: 2 }],
  warmupStableDecay: [(options) => optimizers.warmupStableDecay(options), { peak: 1, decay: 2, steps: 5 }],
  layerDecayGroups: [
    (options) => optimizers.layerDecayGroups(gpt, options),
    { lr: 1, decay: 0.5, weightDecay: 1 },
  ],
  decayGroups: [(options) => optimizers.decayGroups(gpt, options), { weightDecay: 1 }],
  decayGroupsByName: [(options) => optimizers.decayGroupsByName(gpt, options), { weightDecay: 1 }],
  decayGroupsByDimension: [(options) => optimizers.decayGroupsByDimension(gpt, options), { weightDecay: 1 }],
  randomBatch: [(options) => data.randomBatch(tokens, options), { batchSize: 1, context: 2 }],
  windows: [(options) => data.windows(tokens, options), { context: 2 }],
  maskTokens: [(options) => data.maskTokens([2, 3], options), ids],
  framedPair: [(options) => data.framedPair([1], [1], options), { cls: 0, sep: 1 }],
  randomPair: [(options) => data.randomPair([], options), { cls: 0, sep: 1 }],
  beamSearch: [(options) => generation.beamSearch(options), { next: () => [], stop: 0 }],
  Trainer: [(options) => new train.Trainer(options), { model: gpt, optimizer: adamW(), nextBatch, steps: 3 }],
  evaluateLoss: [(options) => train.evaluateLoss(gpt, [nextBatch()], options), { units: () => 1 }],
};

test.each(
  Object.entries(required).flatMap(([where, [, options]]) =>
    Object.keys(options).map((name) => [where, name]),
  ),
)('%s without %s', (where, name) => {
  const [call, options] = required[where!]!;
  for (const without of [{ ...options, [name!]: undefined }, omit(options, name!)])
    expect(() => call(without as never)).toThrow(
      new RegExp(`^${where}: ${name} is given\\. got nothing\\.$`),
    );
});

function omit(options: object, name: string): object {
  return Object.fromEntries(Object.entries(options).filter(([key]) => key !== name));
}

test('eps = 0 is allowed', () => {
  expect(new s.LayerNorm(2, { eps: 0 }).forward(s.tensor([[1, 3]])).toArray()).toEqual([[-1, 1]]);
  expect(new s.RMSNorm(1, { eps: 0 }).forward(s.tensor([[3]])).toArray()).toEqual([[1]]);
});

test('a state that is refused changes no random number', () => {
  s.manualSeed(3);
  const first = s.randomStream('a')();
  s.manualSeed(3);
  expect(() => s.restoreRandomState(bad({ seed: 9, streams: null }))).toThrow('restoreRandomState');
  expect(s.randomStream('a')()).toBe(first);
});

describe('saveCheckpoint', () => {
  const folder = mkdtempSync(join(tmpdir(), 'options-'));
  const good = (): train.Checkpoint => {
    const optimizer = adamW();
    for (const parameter of gpt.parameters()) parameter.grad = s.ones(parameter.shape);
    optimizer.step();
    gpt.zeroGrad();
    return {
      step: 1,
      model: gpt.stateDict(),
      optimizer: { ...optimizer.stateDict() },
      random: s.randomState(),
      info: {},
    };
  };
  const spoilt = (part: 'model' | 'optimizer', name: string) => {
    const checkpoint = good();
    (part === 'model' ? checkpoint.model : checkpoint.optimizer.tensors).get(name)!.data[1] = infinity;
    return checkpoint;
  };

  test.each<[string, () => unknown, string]>([
    ['a fractional step', () => ({ ...good(), step: 1.5 }), 'saveCheckpoint: step is a whole number ≥ 0. got 1.5.'],
    ['a negative step', () => ({ ...good(), step: -1 }), 'saveCheckpoint: step is a whole number ≥ 0. got -1.'],
    ['an unknown field', () => ({ ...good(), config: 1 }), 'saveCheckpoint: every option is known. got "config".'],
    ['a model for its state', () => ({ ...good(), model: gpt }), 'saveCheckpoint: the tensors of model.* are a Map by name, as stateDict gives it. got GPT.'],
    ['no random state', () => ({ ...good(), random: undefined }), 'saveCheckpoint: random is given. got nothing.'],
    ['a model that is not finite', () => spoilt('model', 'tokens.weight'), 'saveCheckpoint: all values are finite. got Infinity in model.tokens.weight. did training diverge?'],
    ['an optimizer that is not finite', () => spoilt('optimizer', '2.v'), 'saveCheckpoint: all values are finite. got Infinity in optimizer.2.v.'],
  ])('refuses %s, and writes nothing', async (_what, make, message) => {
    await expect(train.saveCheckpoint(join(folder, 'c'), make() as never)).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  }); // biome-ignore format: a table
});
