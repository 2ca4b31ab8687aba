/**
 * `npm run test:interop`: our models opened by Python's transformers, and its models, freshly made, opened
 * here. Python is what PYTHON names, or python3; it needs torch and transformers.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BERT } from '../../models/bert.ts';
import { GPT, type GPTOptions } from '../../models/gpt.ts';
import { gpt2, llama } from '../../models/recipes.ts';
import { ViT } from '../../models/vit.ts';
import {
  huggingFaceFiles,
  type InteropModel,
  importHuggingFace,
  importTokenizer,
} from '../../src/interop/index.ts';
import { inference } from '../../src/nn/index.ts';
import { arange, manualSeed, randn, tensor } from '../../src/tensor/index.ts';
import { BPETokenizer, CharTokenizer, type Tokenizer } from '../../src/tokenizers/index.ts';
import { scratchformer, small } from '../support/cli.ts';
import { root } from '../support/root.ts';

const python = process.env.PYTHON || 'python3';
const folder = mkdtempSync(join(tmpdir(), 'scratchformer-interop-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function run(program: string, args: readonly string[], env: Record<string, string> = {}): void {
  const { status, error } = spawnSync(program, args, {
    stdio: 'inherit',
    cwd: root,
    env: { ...process.env, ...env },
  });
  if (status === 0) return;
  console.error(`${program} ${args.join(' ')}: ${error?.message ?? `ended with ${status}`}`);
  process.exit(1);
}

const probe = spawnSync(python, ['-c', 'import torch, transformers, tokenizers, safetensors'], {
  encoding: 'utf8',
});
if (probe.status !== 0) {
  const why = probe.error?.message ?? probe.stderr.trim().split('\n').at(-1);
  console.log(`left out: ${python} cannot import torch, transformers, tokenizers and safetensors (${why})`);
  console.log('name another Python by PYTHON, or: pip install torch transformers');
  process.exit();
}

const text = 'the cat sat on the mat: 7 cats, 8 mats!\n';
const characters = CharTokenizer.from(text);
const bpe = BPETokenizer.train(text.repeat(4), { vocabSize: 270, specialTokens: ['<|endoftext|>'] });
const sizes = { context: 24, layers: 2, heads: 4, width: 16, hidden: 24, initStd: 0.3 };
const rotary = llama({ ...sizes, keyValueHeads: 2, rotaryBase: 500 });

function save(name: string, model: InteropModel, tokenizer: Tokenizer | null, expected: object): void {
  const place = join(folder, 'ours', name);
  mkdirSync(place, { recursive: true });
  for (const [file, data] of huggingFaceFiles(model, { tokenizer })) writeFileSync(join(place, file), data);
  writeFileSync(join(place, 'expected.json'), JSON.stringify(expected));
}

/** Gives biases and gains numbers of their own, so that none can be forgotten unseen. */
function shaken<M extends InteropModel>(model: M): M {
  for (const { role, data } of model.parameters())
    if (role === 'bias' || role === 'gain') data.set(data.map((x, i) => x + 0.3 * Math.sin(i + 1)));
  return model;
}

const tokens = (values: readonly number[]) => tensor([[...values]], { dtype: 'int32' });

/** What a GPT answers and writes about a text. */
function answersOf(model: GPT, tokenizer: Tokenizer, text: string) {
  const ids = [...tokenizer.encode(text)].slice(0, model.options.context);
  const logits = inference(model, () => model.forward(tokens(ids))).toArray();
  const written = model.generate(ids.slice(0, 4), { maxTokens: 8, temperature: 0 });
  return { kind: 'gpt', tokens: [ids], logits, text: tokenizer.decode(ids), ids, written };
}

manualSeed(21);
const gpts: [string, Omit<GPTOptions, 'vocabSize'>, Tokenizer][] = [
  ['gpt2, characters, no bias', sizes, characters],
  ['gpt2, bpe', gpt2({ ...sizes, tiedHead: false }), bpe],
  ['llama, neighbours', rotary, bpe],
  ['llama, halves', { ...rotary, rotaryLayout: 'half', tiedHead: true }, characters],
  ['llama, biases, geglu', { ...rotary, bias: true, activation: 'geglu', headSize: 6 }, characters],
];
for (const [name, options, tokenizer] of gpts) {
  const model = shaken(new GPT({ ...options, vocabSize: tokenizer.vocabSize }));
  save(name, model, tokenizer, answersOf(model, tokenizer, text));
}

const ids = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
const [segments, seen] = [ids.map((_, i) => Number(i > 5)), ids.map((_, i) => Number(i < 8))];
const bert = shaken(new BERT({ vocabSize: 11, ...sizes }));
const padding = tokens(seen.map((one) => 1 - one));
const { words, isNext } = inference(bert, () =>
  bert.forward(
    { tokens: tokens(ids), segments: tokens(segments), keyPaddingMask: padding },
    arange(ids.length),
  ),
);
save('bert', bert, null, {
  kind: 'bert', tokens: [ids], segments: [segments], seen: [seen], words: [words.toArray()], isNext: isNext.toArray(),
}); // biome-ignore format: one case

const { context: _, ...ofImages } = sizes;
const vit = shaken(new ViT({ imageSize: [8, 12], patchSize: 4, classes: 5, ...ofImages }));
const images = randn([2, 8, 12, 3]);
const logits = inference(vit, () => vit.forward(images)).toArray();
save('vit', vit, null, { kind: 'vit', images: images.toArray(), logits });

const [data, trained, out] = ['text.txt', 'trained', 'ours/trained by the command line'].map((name) => join(folder, name)) as [string, string, string]; // biome-ignore format: one line
writeFileSync(data, text.repeat(40));
for (const args of [
  ['train', '--data', data, '--out', trained, '--steps', '100', ...small],
  ['export', '--checkpoint', trained, '--format', 'hf', '--out', out],
]) {
  const { code, err } = await scratchformer(args);
  if (code !== 0) throw new Error(err);
}
const [model, tokenizer] = [(await importHuggingFace(out)) as GPT, await importTokenizer(out)];
writeFileSync(join(out, 'expected.json'), JSON.stringify(answersOf(model, tokenizer, text)));

run(python, [`${root}test/interop/open.py`, join(folder, 'ours')]);
run(python, [`${root}test/golden/interop.py`, join(folder, 'theirs'), '99'], {
  TRANSFORMERS_VERBOSITY: 'error',
});
const vitest = [`${root}node_modules/vitest/vitest.mjs`, 'run', 'test/interop/huggingFace.test.ts'];
run(process.execPath, vitest, { SCRATCHFORMER_FIXTURES: join(folder, 'theirs') });
