/** Files that are damaged or made to do harm, and odd command lines: an error in words, soon, and without much memory. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { rebuild } from '../../src/cli/build.ts';
import { runConfig } from '../../src/cli/config.ts';
import { readConfig } from '../../src/cli/configFile.ts';
import { finetune } from '../../src/cli/finetune.ts';
import { loadRun } from '../../src/cli/loadRun.ts';
import { train } from '../../src/cli/train.ts';
import { resumedTuning } from '../../src/cli/tuning.ts';
import { savedPrompt } from '../../src/cli/usualPrompt.ts';
import { openTokens, TokenWriter } from '../../src/data/index.ts';
import { useBackend } from '../../src/kernels/index.ts';
import { InvariantError, restoreRandomState } from '../../src/tensor/index.ts';
import { BPETokenizer, ByteTokenizer, CharTokenizer, type Tokenizer, tokenizerFromJSON, WordTokenizer } from '../../src/tokenizers/index.ts'; // biome-ignore format: one line
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
} from '../../src/train/index.ts';
import { scratchformer } from '../support/cli.ts';
import { mutated } from '../support/mutations.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const file = (name: string) => join(folder, name);
const MEMORY = 128 * 2 ** 20;
/** The same cases each time; FUZZ_SEED=$RANDOM seeks others. */
const SEED = Number(process.env.FUZZ_SEED || 1);
const CASES = Number(process.env.FUZZ_CASES || 300);
const size = { layers: 1, width: 8, heads: 2, context: 8, batchSize: 2, steps: 2, evalEvery: 2 };

/** Does something with what a file says; all errors but those in words are defects, and so is much memory. */
async function survives(action: () => unknown): Promise<void> {
  const before = process.memoryUsage();
  try {
    await action();
  } catch (error) {
    if (!(error instanceof InvariantError || (error as NodeJS.ErrnoException).syscall)) throw error;
    expect((error as Error).message.length).toBeLessThan(3000);
  }
  const after = process.memoryUsage();
  expect(after.rss - before.rss).toBeLessThan(MEMORY);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(MEMORY);
}

const check = <T>(arbitrary: fc.Arbitrary<T>, action: (value: T) => unknown, numRuns = CASES) =>
  fc.assert(
    fc.asyncProperty(arbitrary, (value) => survives(() => action(value))),
    { numRuns, seed: SEED },
  );

/** What a checkpoint says, as plain data. */
const saidBy = ({ model: _, optimizer: { tensors: _t, ...optimizer }, ...rest }: Checkpoint) => ({
  ...rest,
  optimizer,
});

beforeAll(async () => {
  useBackend('js');
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const text = 'Alle Vögel sind schon da, alle Vögel, alle!\n'.repeat(9);
  writeFileSync(file('text.txt'), text);
  writeFileSync(file('pairs.jsonl'), ['a', 'e', 'l'].map((x) => JSON.stringify({ prompt: x, answer: 'da' })).join('\n')); // biome-ignore format: one line
  await train({ out: file('base'), data: file('text.txt'), ...size });
  await finetune({
    out: file('lora'),
    checkpoint: file('base'),
    data: file('pairs.jsonl'),
    lora: 1,
    steps: 1,
  });
});

describe('survives', { timeout: 600_000 }, () => {
  test('configs', async () => {
    const { model, ...config } = (await loadCheckpoint(file('base/checkpoint.safetensors'))).info.config as { model: object }; // biome-ignore format: one line
    await check(mutated({ ...config, ...model, nested: undefined }), async (json) => {
      writeFileSync(file('config.json'), JSON.stringify(json));
      runConfig(await readConfig(file('config.json')));
    });
    await check(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      writeFileSync(file('config.json'), bytes);
      runConfig(await readConfig(file('config.json')));
    });
  });

  test('checkpoints', async () => {
    const good = await loadCheckpoint(file('base/checkpoint.safetensors'));
    const { tensors } = good.optimizer;
    await check(mutated(saidBy(good)), async ({ optimizer, ...rest }) => {
      const changed = { ...good, ...rest, optimizer: { ...optimizer, tensors } };
      const read = decodeCheckpoint(encodeCheckpoint(changed));
      restoreRandomState(read.random);
      const { tokenizer } = await rebuild(read);
      savedPrompt(read, tokenizer);
    });
  });

  test('adapters', async () => {
    const good = await loadCheckpoint(file('lora/checkpoint.safetensors'));
    const { tensors } = good.optimizer;
    await check(
      mutated(saidBy(good)),
      async ({ optimizer, ...rest }) => {
        const changed = { ...good, ...rest, optimizer: { ...optimizer, tensors } };
        mkdirSync(file('odd'), { recursive: true });
        writeFileSync(file('odd/checkpoint.safetensors'), encodeCheckpoint(changed));
        await loadRun(file('odd'));
        await resumedTuning(file('odd'), await loadCheckpoint(file('odd/checkpoint.safetensors')), {});
      },
      CASES / 3,
    );
  });

  test.each<[string, () => Tokenizer]>([
    ['char', () => CharTokenizer.from('hallo')],
    ['word', () => WordTokenizer.from('hallo du und hallo ihr')],
    ['bytes', () => new ByteTokenizer()],
    ['bpe', () => BPETokenizer.train('hallo hallo hallo halle', { vocabSize: 260 })],
  ])('tokenizers: %s', async (_, make) => {
    await check(mutated(make().toJSON()), (json) => {
      const tokenizer = tokenizerFromJSON(json);
      tokenizer.decode([...tokenizer.encode('hallo')]);
    });
  });

  test('headers of prepared tokens', async () => {
    const tokenizer = CharTokenizer.from('abc');
    const writer = new TokenWriter(file('tokens'), { tokenizer: tokenizer.toJSON(), vocabSize: 3 });
    writer.push(tokenizer.encode('abcabcabcabcabcabc'), 18);
    writer.endDocument();
    const header = await writer.finish();
    await check(mutated(header), async (json) => {
      writeFileSync(file('tokens/tokens.json'), JSON.stringify(json));
      const { train: tokens, validation, documents } = await openTokens(file('tokens'));
      tokens.subarray(0, Math.min(9, tokens.length));
      expect(tokens.length + validation.length).toBeLessThan(100);
      expect(documents).toBeDefined();
    });
  });

  test('command lines', async () => {
    const word = fc.oneof(
      fc.constantFrom('train', 'sample', 'eval', 'info', 'merge', 'compare', '--data', '--out', '--checkpoint', '--resume', '--steps', '--lr', '-1', '0', 'NaN', '1e999', '--threads', '--'),
      fc.string({ unit: 'binary', maxLength: 9 }).map((text) => text.replaceAll('\0', '')),
    ); // biome-ignore format: a table
    const lines = fc.sample(fc.array(word, { maxLength: 6 }), 8);
    for (const line of lines) {
      const args = line.filter((one) => one !== '--out' && one !== 'watch');
      const { code, err } = await scratchformer(args);
      expect([args, err.includes('    at ') ? err : '', code === 0 || code === 1]).toEqual([args, '', true]);
    }
  });
});
