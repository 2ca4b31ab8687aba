import type { GPT } from '../../models/gpt.ts';
import type { GenerateOptions } from '../generation/index.ts';
import type { CharTokenizer } from '../tokenizers/index.ts';
import type { Corpus } from './corpus.ts';
import { continuation, type WritingOptions } from './write.ts';

/** Temperature of the samples shown: a small model's rare mistakes in spelling need some taming. */
export const TEMPERATURE = 0.5;

/**
 * Text that the model writes on its own: one line for a corpus that is a grammar's, line by line, else 200
 * characters.
 */
export function sampleText(
  model: GPT,
  { tokenizer, prompt, grammar }: Corpus,
  options: GenerateOptions = {},
): string {
  const [start] = tokenizer.encode(prompt);
  const ends = grammar ? { stop: start! } : {};
  const ids = [...model.stream([start!], { maxTokens: 200, temperature: TEMPERATURE, ...ends, ...options })];
  return tokenizer.decode(ids).trim();
}

/** A sample as it is shown, set in by two spaces. */
export function indented(sample: string): string {
  return `  ${sample.replaceAll('\n', '\n  ')}`;
}

/** Counts the stories of the grammar among `count` sampled lines. */
export function countGrammatical(model: GPT, corpus: Corpus, count: number, temperature: number): number {
  const accepts = corpus.grammar?.accepts ?? (() => false);
  return Array.from({ length: count }, () => sampleText(model, corpus, { temperature })).filter(accepts)
    .length;
}

/** Writes the prompt and then each character as it comes, as long as somebody reads. */
export function writeSample(
  model: GPT,
  tokenizer: CharTokenizer,
  prompt: string,
  options: WritingOptions,
): void {
  let text = prompt; // with the first character, so that bad options are an error before anything is written
  for (const piece of continuation(model, tokenizer, prompt, options)) {
    process.stdout.write(text + piece);
    if (process.stdout.errored) return;
    text = '';
  }
  process.stdout.write(`${text}\n`);
}
