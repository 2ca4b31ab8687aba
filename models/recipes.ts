import { checkSize } from '../src/nn/checks.ts';
import type { GPTOptions } from './gpt.ts';

/**
 * Options of a `GPT` that make it GPT-2. What is given wins; the sizes are those of the smallest, 124 million
 * parameters.
 *
 *     new GPT(gpt2({ vocabSize: 65, context: 64, layers: 4, heads: 4, width: 128 }))
 *
 * Radford et al., "Language Models are Unsupervised Multitask Learners", 2019
 */
export function gpt2(given: Partial<GPTOptions> = {}): GPTOptions {
  return {
    vocabSize: 50257, // 256 bytes, 50,000 merges of them, and one token between texts
    context: 1024,
    layers: 12,
    heads: 12,
    width: 768,
    activation: 'geluTanh', // its code approximates GELU
    bias: true,
    ...given,
  };
}

/** The options of the recipe `llama`: a GPT's, and what `hidden` is rounded to. */
export interface LlamaOptions extends Partial<GPTOptions> {
  /** Number that the hidden width is rounded up to a multiple of. Default 256, LLaMA's. */
  readonly multipleOf?: number;
}

/**
 * Options of a `GPT` that make it LLaMA. What is given wins; the sizes are those of the 7B. Its successors
 * differ in numbers: LLaMA 2 has eps 1e-5, LLaMA 3 also rotaryBase 500000 and keyValueHeads 8.
 *
 * Meta's weights pair neighbouring channels, as is the default here; Hugging Face's copies of them have
 * another order and take rotaryLayout 'half'.
 *
 * Touvron et al., "LLaMA: Open and Efficient Foundation Language Models", arXiv:2302.13971
 */
export function llama({ multipleOf = 256, ...given }: LlamaOptions = {}): GPTOptions {
  const { width = 4096 } = given;
  checkSize('llama', { width, multipleOf });
  return {
    vocabSize: 32000,
    context: 2048,
    layers: 32,
    heads: 32,
    width,
    // A gate takes a third matrix; with ⅔ of the usual 4·width, the three are as large as two were.
    hidden: multipleOf * Math.ceil(Math.floor((8 / 3) * width) / multipleOf),
    activation: 'swiglu',
    norm: 'rmsNorm',
    eps: 1e-6,
    positions: 'rotary',
    tiedHead: false,
    ...given,
  };
}

/**
 * Options of a `GPT` that make it PaLM, but for how it starts: PaLM's embeddings are larger, N(0, 1), and its
 * logits are divided by √width for it. What is given wins; the sizes are those of the 8B.
 *
 * Chowdhery et al., "PaLM: Scaling Language Modeling with Pathways", arXiv:2204.02311
 */
export function palm(given: Partial<GPTOptions> = {}): GPTOptions {
  return {
    vocabSize: 256000,
    context: 2048,
    layers: 32,
    heads: 16,
    keyValueHeads: 1, // keys and values of one head serve all queries, so a long cache stays small
    width: 4096,
    headSize: 256, // in every size, also where heads·256 is not the width (48 heads at 18432)
    activation: 'swiglu', // hidden stays 4·width
    parallel: true, // one step of a large model is then faster, and no worse
    positions: 'rotary',
    ...given,
  };
}

/**
 * Options of a `GPT` near BLOOM, which has one more norm, on the embeddings. What is given wins; the sizes
 * are those of the 560M.
 *
 * BigScience Workshop, "BLOOM: A 176B-Parameter Open-Access Multilingual Language Model", arXiv:2211.05100
 */
export function bloom(given: Partial<GPTOptions> = {}): GPTOptions {
  return {
    vocabSize: 250880,
    context: 2048,
    layers: 24,
    heads: 16,
    width: 1024,
    activation: 'geluTanh',
    positions: 'alibi',
    bias: true,
    ...given,
  };
}
