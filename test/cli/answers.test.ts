import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GPT } from '../../models/gpt.ts';
import { answerLoss, loadAnswers, lossInWords } from '../../src/cli/answers.ts';
import { stopToken } from '../../src/cli/stopToken.ts';
import { manualSeed } from '../../src/tensor/index.ts';
import { BPETokenizer, CharTokenizer } from '../../src/tokenizers/index.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const file = join(suiteFolder(), 'pairs.jsonl');
const end = '<|endoftext|>';
const bpe = BPETokenizer.train('größer größer', { vocabSize: 300, specialTokens: [end] });
const chars = CharTokenizer.from('abö\n');

function write(pairs: readonly { readonly prompt: string; readonly answer: string }[]): void {
  writeFileSync(file, pairs.map((pair) => JSON.stringify(pair)).join('\n'));
}

test('a tenth of the prompts is held out, and every pair is in one part', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
  const lists = fc.array(fc.record({ prompt: text, answer: text }), { minLength: 2, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(lists, fc.nat(), async (pairs, seed) => {
      const prompts = new Set(pairs.map(({ prompt }) => prompt));
      fc.pre(prompts.size > 1);
      write(pairs);
      manualSeed(seed);
      const { learned, heldOut } = await loadAnswers(file, chars, { context: 20, stop: stopToken(chars) });
      const unseen = new Set(heldOut.pairs.map(({ prompt }) => prompt));
      expect(unseen.size).toBe(Math.ceil(prompts.size / 10));
      expect(learned.pairs).toEqual(pairs.filter(({ prompt }) => !unseen.has(prompt)));
      expect(heldOut.pairs).toEqual(pairs.filter(({ prompt }) => unseen.has(prompt)));
    }),
    { numRuns: 30 },
  );
});

test('bits per byte count the bytes of the answers, and of an end that is text', async () => {
  const same = { prompt: 'a', answer: 'bö' }; // three bytes
  write([same, { ...same, prompt: 'b' }]);
  const { learned } = await loadAnswers(file, chars, { context: 20, stop: stopToken(chars) });
  expect(learned.bytes).toBe(4);
  expect(lossInWords(Math.LN2, learned)).toBe('0.6931 nats per token (0.7500 bits per byte)'); // three tokens
  const special = await loadAnswers(file, bpe, { context: 20, stop: stopToken(bpe) });
  expect(special.learned.bytes).toBe(3);
  expect(special.learned.encoded[0]!.targets.at(-1)).toBe(bpe.specialTokens.get(end));
});

test('the loss of answers is their mean over tokens, however they are batched', async () => {
  manualSeed(2);
  const model = new GPT({ vocabSize: chars.vocabSize, context: 20, layers: 1, heads: 2, width: 8, initStd: 0.5 });
  const pairs = Array.from({ length: 60 }, (_, i) => ({ prompt: `${'ab'[i % 2]}`.repeat(1 + (i % 7)), answer: 'ab'.repeat(1 + (i % 5)) }));
  write(pairs);
  const { learned } = await loadAnswers(file, chars, { context: 20, stop: stopToken(chars) });
  expect(learned.pairs.length).toBeGreaterThan(32); // more than two batches
  const alone = learned.encoded.map((one) => {
    const scored = one.targets.filter((target) => target !== -100).length;
    return [scored, answerLoss(model, { ...learned, encoded: [one] })] as const;
  });
  const tokens = alone.reduce((sum, [scored]) => sum + scored, 0);
  const mean = alone.reduce((sum, [scored, loss]) => sum + scored * loss, 0) / tokens;
  expect(answerLoss(model, learned)).toBeCloseTo(mean, 5);
}); // biome-ignore format: shorter
