/** A run that leaves for another program, and comes back. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { exportRun } from '../../src/cli/export.ts';
import { importRun } from '../../src/cli/import.ts';
import { evaluate, sample } from '../../src/cli/inspect.ts';
import { train } from '../../src/cli/train.ts';
import { scratchformer } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const at = (name: string) => join(folder, name);
const settings = {
  data: at('text.txt'),
  tokenizer: 'char',
  steps: 20,
  layers: 1,
  width: 16,
  heads: 2,
  context: 16,
  batchSize: 4,
};

/** What an action prints. */
async function printed(action: () => Promise<void>): Promise<string> {
  const parts: unknown[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void parts.push(`${line}\n`));
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((part) => parts.push(part) > 0);
  try {
    await action();
  } finally {
    log.mockRestore();
    write.mockRestore();
  }
  return parts.join('');
}

beforeAll(async () => {
  writeFileSync(at('text.txt'), 'A text that is long enough to learn a little from.\n'.repeat(30));
  await printed(() => train({ out: at('run'), ...settings }));
});

test('export and import, as commands', async () => {
  const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];
  const out = at('hf');
  const exported = await scratchformer(['export', '--checkpoint', at('run'), '--format', 'hf', '--out', out]);
  expect(exported).toEqual({ code: 0, out: `${out}: ${names.join(', ')}, model.safetensors\n`, err: '' });
  const config = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')) as object;
  expect(config).toMatchObject({ model_type: 'gpt2', n_embd: 16 });
  const imported = await scratchformer(['import', '--from', out, '--out', at('back')]);
  expect(imported.err).toBe('');
  expect(imported.out).toContain(
    'model: 1 layers, 2 heads, width 16, context 16\n3,872 parameters, 19 tokens\n',
  );
  const answers = async (checkpoint: string) => [
    await printed(() => sample({ checkpoint, maxTokens: 30, temperature: 0, seed: 1, count: 1 })),
    await printed(() => evaluate({ checkpoint, data: settings.data })),
  ];
  expect(await answers(at('back'))).toEqual(await answers(at('run')));
});

test('ONNX: the graphs and what transformers.js reads', async () => {
  const out = at('onnx');
  const text = await printed(() => exportRun({ checkpoint: at('run'), format: 'onnx', out }));
  expect(text).toContain(
    'onnx/model.onnx, onnx/model_no_cache.onnx, onnx/model_int8.onnx, config.json, tokenizer.json',
  );
  expect(readdirSync(join(out, 'onnx')).sort()).toEqual([
    'model.onnx',
    'model_int8.onnx',
    'model_no_cache.onnx',
  ]);
});

test('what cannot be said is refused before anything is written', async () => {
  const out = at('none');
  await printed(() => train({ out: at('alibi'), ...settings, positions: 'alibi' }));
  await expect(exportRun({ checkpoint: at('alibi'), format: 'hf', out })).rejects.toThrow(
    'export as gpt2: positions is "learned", all that the format can say. got "alibi".',
  );
  const unknown = exportRun({ checkpoint: at('run'), format: 'onx' as 'onnx', out });
  await expect(unknown).rejects.toThrow('did you mean "onnx"?');
  await expect(importRun({ from: `${root}test/golden/interop/vit`, out })).rejects.toThrow(
    'import: a run is that of a GPT. got a ViT.',
  );
  await expect(importRun({ from: `${root}test/golden/interop/llama`, out })).rejects.toThrow(
    'there is a tokenizer.json, a vocab.json with its merges.txt, or a vocab.txt. got none of them.',
  );
  expect(existsSync(out)).toBe(false);
});
