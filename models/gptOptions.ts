import { blockDefaults } from '../src/nn/blockOptions.ts';
import { checkLayers, checkOneOf, checkSize } from '../src/nn/checks.ts';
import type { TransformerBlockOptions } from '../src/nn/index.ts';
import { check, display, required, withDefaults } from '../src/tensor/index.ts';

/** The options of a block that are not a GPT's: it sets them itself, or has others of that name. */
type NotOfGPT = 'heads' | 'causal' | 'positions' | 'init' | 'outputInit';

/** The options of a `GPT`: those of its blocks (`hidden`, `activation`, `norm`, `headSize`, …), and more. */
export interface GPTOptions extends Omit<TransformerBlockOptions, NotOfGPT> {
  /** V, the number of tokens. */
  readonly vocabSize: number;
  /** T, the most positions that the model sees at once. */
  readonly context: number;
  /** L, the number of blocks. Default 4. */
  readonly layers?: number;
  /** H, the number of heads. Default 4. */
  readonly heads?: number;
  /** C, the width of embeddings and hidden states. Default 128. */
  readonly width?: number;
  /**
   * Kind of positions. 'learned' (default): added to the tokens · 'sinusoidal': added to √width·tokens ·
   * 'rotary', 'alibi': act within attention
   */
  readonly positions?: 'learned' | 'sinusoidal' | 'rotary' | 'alibi';
  /** Whether linear layers and layer norms have a bias. Default false: as good, and a bit faster. */
  readonly bias?: boolean;
  /**
   * Dropout probability: embeddings, attention weights, branch outputs. Default 0; small models on much data
   * underfit anyway.
   */
  readonly dropout?: number;
  /** Whether the head shares the token embedding's weight. Default true. */
  readonly tiedHead?: boolean;
  /**
   * Standard deviation of the initial weights. Default 0.02, GPT-2's; below a width of 256, 2/√width learns
   * much faster.
   */
  readonly initStd?: number;
  /**
   * Start of the projections that end a branch: 'residual' (default), GPT-2's small numbers · 'zeros', so that
   * every block starts as the identity
   */
  readonly outputInit?: 'residual' | 'zeros';
  /** Bound that logits approach but never pass; see `softCap`. Default: none; Gemma 2 has 30. */
  readonly logitCap?: number | undefined;
  /** Start of learned positions: 'normal' (default, GPT-2's) or 'sinusoidal', which learns to copy sooner. */
  readonly positionInit?: 'normal' | 'sinusoidal';
}

const { causal: _c, init: _i, outputInit: _o, ...ofBlocks } = blockDefaults;
const defaults: Required<GPTOptions> = {
  vocabSize: required,
  context: required,
  layers: 4,
  width: 128,
  ...ofBlocks,
  heads: 4,
  positions: 'learned',
  bias: false,
  tiedHead: true,
  initStd: 0.02,
  outputInit: 'residual',
  logitCap: undefined,
  positionInit: 'normal',
};

/** The options with everything filled in and checked, but for what the blocks check. */
export function gptSettings(given: GPTOptions): Required<GPTOptions> {
  const all = withDefaults('GPT', given, defaults);
  const { vocabSize, context, layers, width, positions, outputInit, logitCap, positionInit } = all;
  checkSize('GPT', { vocabSize, context, width });
  checkLayers('GPT', layers);
  checkOneOf('GPT', 'positions', positions, ['learned', 'sinusoidal', 'rotary', 'alibi']);
  checkOneOf('GPT', 'outputInit', outputInit, ['residual', 'zeros']);
  checkOneOf('GPT', 'positionInit', positionInit, ['normal', 'sinusoidal']);
  const capped = logitCap === undefined || (Number.isFinite(logitCap) && logitCap > 0);
  check(capped, 'GPT', 'logitCap is a finite number > 0', () => display(logitCap));
  return all;
}
