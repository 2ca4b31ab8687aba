/** A run that leaves for another program, and comes back. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratchformer, small } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const [run, hf, onnx, back] = ['run', 'hf', 'onnx', 'back'].map((name) => join(folder, name)) as [string, string, string, string]; // biome-ignore format: one line
const exported = (checkpoint: string, format: string, out: string) =>
  scratchformer(['export', '--checkpoint', checkpoint, '--format', format, '--out', out]);
const trained = (out: string, ...more: string[]) =>
  scratchformer([
    'train',
    '--data',
    join(folder, 'text.txt'),
    '--out',
    out,
    '--steps',
    '20',
    ...small,
    ...more,
  ]);

beforeAll(async () => {
  writeFileSync(join(folder, 'text.txt'), 'A text that is long enough to learn a little from.\n'.repeat(30));
  expect((await trained(run)).code).toBe(0);
});

test('export and import: the same text and the same loss', async () => {
  const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];
  const { out, err } = await exported(run, 'hf', hf);
  expect(err).toBe('');
  expect(out).toBe(`${hf}: ${names.join(', ')}, model.safetensors\n`);
  expect(JSON.parse(readFileSync(join(hf, 'config.json'), 'utf8'))).toMatchObject({
    model_type: 'gpt2',
    n_embd: 16,
  });
  const imported = await scratchformer(['import', '--from', hf, '--out', back]);
  expect(imported.out).toContain(
    'model: 1 layers, 2 heads, width 16, context 16\n3,872 parameters, 19 tokens\n',
  );
  for (const args of [
    ['sample', '--temperature', '0', '--max-tokens', '30'],
    ['eval', '--data', join(folder, 'text.txt')],
  ]) {
    const [before, after] = [
      await scratchformer([...args, '--checkpoint', run]),
      await scratchformer([...args, '--checkpoint', back]),
    ];
    expect(after.err).toBe('');
    expect(after.out).toBe(before.out);
  }
  const { out: info } = await scratchformer(['info', '--checkpoint', back]);
  expect(info).toContain('step 0 of');
});

test('ONNX: the graphs and what transformers.js reads', async () => {
  const { out } = await exported(run, 'onnx', onnx);
  expect(out).toContain('onnx/model.onnx, onnx/model_no_cache.onnx, config.json, tokenizer.json');
  expect(readdirSync(join(onnx, 'onnx')).sort()).toEqual(['model.onnx', 'model_no_cache.onnx']);
});

test('what cannot be said is refused before anything is written', async () => {
  const alibi = join(folder, 'alibi');
  expect((await trained(alibi, '--positions', 'alibi')).code).toBe(0);
  const { code, err } = await exported(alibi, 'hf', join(folder, 'none'));
  expect([code, err]).toEqual([
    1,
    'error: export as gpt2: positions is "learned", all that the format can say. got "alibi".\n',
  ]);
  expect(existsSync(join(folder, 'none'))).toBe(false);
  expect((await exported(run, 'onx', join(folder, 'none'))).err).toContain('did you mean "onnx"?');
  const vit = await scratchformer([
    'import',
    '--from',
    `${root}test/golden/interop/vit`,
    '--out',
    join(folder, 'none'),
  ]);
  expect(vit.err).toContain('error: import: a run is that of a GPT. got a ViT.');
  expect(existsSync(join(folder, 'none'))).toBe(false);
});
