import type { GPT } from '../../models/gpt.ts';
import type { GenerateOptions } from '../generation/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';
import type { Corpus } from './corpus.ts';
import { END_OF_TEXT } from './usualPrompt.ts';
import { visible } from './visible.ts';
import { continuation, type WritingOptions } from './write.ts';

/** Temperature of the samples shown: a small model's rare mistakes in spelling need some taming. */
export const TEMPERATURE = 0.5;

/**
 * Text that the model writes on its own: one line for a corpus that is a grammar's, line by line, else 200
 * tokens, or up to the end of the document.
 */
export function sampleText(
  model: GPT,
  { tokenizer, prompt, grammar }: Corpus,
  options: GenerateOptions = {},
): string {
  const start = tokenizer.encode(prompt, { matchSpecial: true });
  const end = tokenizer.specialTokens.get(END_OF_TEXT);
  const stream = tokenizer.stream();
  let text = '';
  for (const id of model.stream(start, { maxTokens: 200, temperature: TEMPERATURE, ...options })) {
    if (id === end) break;
    text += stream.push(id);
    if (grammar && text.includes('\n')) return text.slice(0, text.indexOf('\n')).trim();
  }
  return (text + stream.end()).trim();
}

/** A sample as it is shown, set in by two spaces. */
export function indented(sample: string): string {
  return `  ${visible(sample).replaceAll('\n', '\n  ')}`;
}

/** Counts the stories of the grammar among `count` sampled lines. */
export function countGrammatical(model: GPT, corpus: Corpus, count: number, temperature: number): number {
  const accepts = corpus.grammar?.accepts ?? (() => false);
  return Array.from({ length: count }, () => sampleText(model, corpus, { temperature })).filter(accepts)
    .length;
}

/**
 * Writes the prompt and then the text of each token as it comes, as long as somebody reads. What ends a
 * document or a line before the text begins is not shown.
 */
export function writeSample(model: GPT, tokenizer: Tokenizer, prompt: string, options: WritingOptions): void {
  // the prompt comes with the first token, so that bad options are an error before anything is written
  let text = tokenizer.specialTokens.has(prompt) || /\S\n$/.test(prompt) ? '' : prompt;
  for (const piece of continuation(model, tokenizer, prompt, options)) {
    process.stdout.write(visible(text + piece));
    if (process.stdout.errored) return;
    text = '';
  }
  process.stdout.write(`${visible(text)}\n`);
}
