import type { GPT } from '../../models/gpt.ts';
import type { GenerateOptions } from '../nn/index.ts';
import type { CharTokenizer } from '../tokenizers/index.ts';
import type { Corpus } from './corpus.ts';

/** Of the samples shown: a small model's rare mistakes in spelling need some taming. */
export const TEMPERATURE = 0.5;

/** What the model writes on its own: one line for a corpus of lines, else 200 characters. */
export function sampleText(model: GPT, { tokenizer, prompt }: Corpus, options: GenerateOptions = {}): string {
  const [start] = tokenizer.encode(prompt);
  const ends = prompt === '\n' ? { stop: start! } : {};
  const ids = [...model.stream([start!], { maxTokens: 200, temperature: TEMPERATURE, ...ends, ...options })];
  return tokenizer.decode(ids).trim();
}

/** How many of `count` sampled lines are stories of the grammar. */
export function countGrammatical(model: GPT, corpus: Corpus, count: number): number {
  const accepts = corpus.grammar?.accepts ?? (() => false);
  return Array.from({ length: count }, () => sampleText(model, corpus)).filter(accepts).length;
}

/** Writes the prompt and then each character as it comes. */
export function writeSample(model: GPT, tokenizer: CharTokenizer, prompt: string, options: GenerateOptions): void {
  process.stdout.write(prompt);
  for (const id of model.stream(tokenizer.encode(prompt), options)) process.stdout.write(tokenizer.decode([id]));
  process.stdout.write('\n');
}
