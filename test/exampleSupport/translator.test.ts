import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { translationBatch } from '../../examples/support/translationBatches.ts';
import {
  loadTranslator,
  saveTranslator,
  special,
  specialIds,
  translateText,
} from '../../examples/support/translator.ts';
import { Transformer } from '../../models/index.ts';
import { Adam } from '../../optimizers/index.ts';
import { encodeSafetensors } from '../../src/io/index.ts';
import { manualSeed } from '../../src/tensor/index.ts';
import { BPETokenizer, WordTokenizer } from '../../src/tokenizers/index.ts';
import { Trainer } from '../../src/train/index.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const pairs = [['Ein Haus', 'a house'], ['Zwei Häuser', 'two houses'], ['ein Baum', 'a tree']] as const; // biome-ignore format: one line
const texts = pairs.flat();

test.each([
  ['BPE', BPETokenizer.train(texts, { vocabSize: 300, specialTokens: special })],
  ['words', WordTokenizer.from(texts.join(' '), { special, unknown: '[UNK]' })],
])('a translator of %s learns, and after saving and loading translates the same', async (_, tokenizer) => {
  manualSeed(6);
  const tokens = specialIds(tokenizer);
  const encode = (sentence: string) => [...tokenizer.encode(sentence), tokens.stop];
  const batch = translationBatch(
    pairs.map(([source, target]) => ({ source: encode(source), target: encode(target) })),
    tokens,
  );
  const size = { layers: 1, heads: 2, width: 32, context: 32 };
  const model = new Transformer({ vocabSize: tokenizer.vocabSize, dropout: 0, ...size });
  const optimizer = new Adam(model.parameters(), { lr: 1e-2 });
  await new Trainer({ model, optimizer, nextBatch: () => batch, steps: 60 }).run();
  const folder = join(temporaryFolder(), 'new');
  await saveTranslator(folder, { model, tokenizer });
  const loaded = await loadTranslator(folder);
  for (const [source, target] of pairs) {
    expect(translateText({ model, tokenizer }, source)).toBe(target);
    expect(translateText(loaded, source)).toBe(target);
  }
  const unseen = 'Zwei Bäume, drei';
  expect(translateText(loaded, unseen)).toBe(translateText({ model, tokenizer }, unseen));
  expect(() => translateText(loaded, 'Haus '.repeat(40))).toThrow(
    /translateText: a sentence has at most 31 tokens\. got \d+\. cut it in two\./,
  );
});

test('another file is an error', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'translator.safetensors'), encodeSafetensors(new Map()));
  await expect(loadTranslator(folder)).rejects.toThrow('the file is that of a translator. got another.');
  await expect(loadTranslator(join(folder, 'none'))).rejects.toThrow('ENOENT');
});
