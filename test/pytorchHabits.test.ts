/**
 * What people who know PyTorch write first: an error that shows the spelling of this library, never a raw
 * TypeError.
 */
import { expect, test } from 'vitest';
import { GPT, LSTMLanguageModel } from '../models/index.ts';
import { SGD } from '../optimizers/index.ts';
import * as s from '../src/index.ts';
import { clipGradNorm } from '../src/train/index.ts';

/** Without types, as in JavaScript, or before the editor complains. */
type Untyped = Record<string, (...args: unknown[]) => unknown>;
const x = s.randn([2, 3, 4]) as unknown as Untyped;
const matrix = s.randn([2, 2]);
const f = s as unknown as Untyped;
const made = (Class: unknown, ...args: unknown[]) =>
  new (Class as new (...args: unknown[]) => unknown)(...args);
const loss = () => s.sum(s.randn([2], { requiresGrad: true })) as unknown as Untyped;
const model = new s.Linear(3, 4);

test.each<[string, () => unknown, string]>([
  ['x.reshape(2, 2)', () => x.reshape!(2, 2), 'reshape: a shape is one list of whole numbers. got 2. write reshape([2, 3]).'],
  ['x.view(2, 2)', () => x.view!(2, 2), 'view: a shape is one list of whole numbers. got 2. write view([2, 3]).'],
  ['x.permute(0, 2, 1)', () => x.permute!(0, 2, 1), 'permute: the order is one list of whole numbers. got 0. write permute([0, 2, 1]).'],
  ['x.broadcastTo(2, 3, 4)', () => x.broadcastTo!(2, 3, 4), 'broadcastTo: a shape is one list of whole numbers. got 2.'],
  ['zeros(2, 3)', () => f.zeros!(2, 3), 'zeros: a shape is one list of whole numbers. got 2. write zeros([2, 3]).'],
  ['ones(2, 3)', () => f.ones!(2, 3), 'write ones([2, 3]).'],
  ['randn(2, 3)', () => f.randn!(2, 3), 'randn: a shape is one list of whole numbers. got 2. write randn([2, 3]).'],
  ['rand(2, 3)', () => f.rand!(2, 3), 'write rand([2, 3]).'],
  ['x.sum({ dim: 1 })', () => x.sum!({ dim: 1 }), 'sum: an axis is a number. got { dim: 1 }. write sum(…, 1), without a name.'],
  ['x.sum({ axis: 1 })', () => x.sum!({ axis: 1 }), 'sum: an axis is a number. got { axis: 1 }.'],
  ['x.max({ dim: 1 })', () => x.max!({ dim: 1 }), 'max: an axis is a number. got { dim: 1 }. write max(…, 1), without a name.'],
  ['x.mean(0, true)', () => x.mean!(0, true), 'mean: options are an object. got true. write { keepDims: … }.'],
  ['keepdim: true', () => x.sum!(0, { keepdim: true }), 'sum: every option is known. got "keepdim". did you mean "keepDims"?'],
  ['softmax(x, { dim: -1 })', () => f.softmax!(x, { dim: -1 }), 'softmax: an axis is a number. got { dim: -1 }. write softmax(…, 1), without a name.'],
  ['x.softmax({ dim: 1 })', () => x.softmax!({ dim: 1 }), 'softmax: an axis is a number. got { dim: 1 }.'],
  ['concat(a, b)', () => f.concat!(x, x), 'concat: the first argument is one list of tensors. got Tensor of shape (2, 3, 4). write concat([a, b]).'],
  ['concat([a, b], { dim: 1 })', () => f.concat!([x, x], { dim: 1 }), 'concat: an axis is a number. got { dim: 1 }.'],
  ['x.split({ size: 1 })', () => x.split!({ size: 1 }), 'split: sizes are a number, or a list of them. got { size: 1 }. write split(x, 2).'],
  ['x.slice(0, 1)', () => x.slice!(0, 1), 'slice: options are an object. got 0. write { axis: 0, start: 1, end: … }.'],
  ['x.clamp(0, 1)', () => x.clamp!(0, 1), 'clamp: options are an object. got 0. write { min: … }.'],
  ["gelu(x, 'tanh')", () => f.gelu!(x, 'tanh'), 'gelu: options are an object. got "tanh". write { approximate: … }.'],
  ['dropout(x, { p: 0.5 })', () => f.dropout!(x, { p: 0.5 }), 'dropout: the probability to drop lies in [0, 1). got { p: 0.5 }.'],
  ['x.to(Float32Array)', () => x.to!(Float32Array), 'to: dtype is float32, float64 or int32. got function Float32Array. did you mean "float32"?'],
  ["dtype: 'float'", () => f.tensor!([1], { dtype: 'float' }), 'tensor: dtype is float32, float64 or int32. got "float". did you mean "float32"?'],
  ["dtype: 'double'", () => f.tensor!([1], { dtype: 'double' }), 'got "double". did you mean "float64"?'],
  ["dtype: 'int64'", () => f.zeros!([1], { dtype: 'int64' }), 'zeros: dtype is float32, float64 or int32. got "int64". did you mean "int32"?'],
  ["dtype: 'long'", () => f.arange!(3, { dtype: 'long' }), 'arange: dtype is float32, float64 or int32. got "long". did you mean "int32"?'],
  ['requires_grad: true', () => f.tensor!([1], { requires_grad: true }), 'tensor: every option is known. got "requires_grad". did you mean "requiresGrad"?'],
  ["tensor('abc')", () => f.tensor!('abc'), 'tensor: nested arrays are rectangular and hold numbers. got "abc".'],
  ['tensor(null)', () => f.tensor!(null), 'tensor: nested arrays are rectangular and hold numbers. got null.'],
  ['tensor([[1], [2, 3]])', () => f.tensor!([[1], [2, 3]]), 'tensor: nested arrays are rectangular (shape (2, 1)). got [2,3].'],
  ['tensor([1], true)', () => f.tensor!([1], true), 'tensor: options are an object. got true. write { dtype: … }.'],
  ['exp(2)', () => f.exp!(2), 'exp: the argument is a tensor. got 2. make it one with tensor(…).'],
  ['sum([1, 2])', () => f.sum!([1, 2]), 'sum: the first argument is a tensor.'],
  ['x.add("1")', () => x.add!('1'), 'add: operands are tensors and numbers. got Tensor of shape (2, 3, 4) and "1".'],
  ['x.mul([1, 2])', () => x.mul!([1, 2]), 'mul: operands are tensors and numbers. got Tensor of shape (2, 3, 4) and [1, 2].'],
  ['x.matmul(2)', () => x.matmul!(2), 'matmul: B is a tensor. got 2.'],
  ['mse(x, 3)', () => f.mse!(x, 3), 'mse: the target is a tensor. got 3.'],
  ['where(true, x, x)', () => f.where!(true, x, x), 'where: the condition is a tensor. got true.'],
  ['x.copy_([1])', () => x.copy_!([1]), 'copy_: the source is a tensor. got [1].'],
  ["x.fill_('a')", () => x.fill_!('a'), 'fill_: the value is a number. got "a".'],
  ['loss.backward({ retainGraph: true })', () => loss().backward!({ retainGraph: true }), 'backward: the gradient is a tensor. got { retainGraph: true }. options come after it: backward(undefined, { retainGraph: true }).'],
  ['embedding(ids, weight)', () => f.embedding!([1], matrix), 'embedding: the table is a tensor. got [1].'],
  ['model.forward([[1, 2, 3]])', () => model.forward([[1, 2, 3]] as never), 'linear: x is a tensor. got [[1, 2, 3]]. make it one with tensor(…).'],
  ['gpt.loss of arrays', () => new GPT({ vocabSize: 3, context: 2, width: 4, heads: 1 }).loss([[1]] as never, [[1]] as never), "GPT: tokens are a tensor. got [[1]]. write tensor([ids], { dtype: 'int32' })."],
  ['lstm.forward of arrays', () => new LSTMLanguageModel({ vocabSize: 3 }).forward([1] as never), 'LSTMLanguageModel: tokens are (B, T). got [1].'],
  ['new Linear({ in: 3, out: 4 })', () => made(s.Linear, { in: 3, out: 4 }), 'Linear: inputs is a whole number ≥ 1. got { in: 3, out: 4 }. write it as it is, without a name.'],
  ['new Linear(3, 4, false)', () => made(s.Linear, 3, 4, false), 'Linear: options are an object. got false. write { bias: … }.'],
  ['new LayerNorm([3])', () => made(s.LayerNorm, [3]), 'LayerNorm: size is a whole number ≥ 1. got [3].'],
  ['new LayerNorm(3, 1e-5)', () => made(s.LayerNorm, 3, 1e-5), 'LayerNorm: options are an object. got 0.00001. write { eps: … }.'],
  ['new Dropout({ p: 0.1 })', () => made(s.Dropout, { p: 0.1 }), 'Dropout: p lies in [0, 1). got { p: 0.1 }.'],
  ['new SGD(model.parameters)', () => made(SGD, model.parameters, { lr: 1 }), 'SGD: the first argument is a list of parameters or of groups { params, … }. got function parameters. pass model.parameters()'],
  ['clipGradNorm(model.parameters, 1)', () => clipGradNorm(model.parameters as never, 1), 'write model.parameters(), with the parentheses.'],
])('%s', (_call, call, message) => {
  expect(call).toThrow(s.InvariantError);
  expect(call).toThrow(message);
}); // biome-ignore format: a table

test('what PyTorch spells in the same way works', () => {
  const y = s.arange(6, { dtype: 'float32' });
  expect(y.view([2, 3]).transpose().shape).toEqual([3, 2]);
  expect(y.view([-1, 2]).shape).toEqual([3, 2]);
  expect(y.unsqueeze(0).shape).toEqual([1, 6]);
  expect(y.unsqueeze(-1).squeeze().shape).toEqual([6]);
});
