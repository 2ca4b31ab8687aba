import { check, withDefaults } from '../tensor/index.ts';
import type { ActivationLike } from './activation.ts';
import { attentionDefaults, type MultiHeadAttentionOptions } from './attentionOptions.ts';
import { checkOneOf } from './checks.ts';
import { type NormName, normLayer } from './norm.ts';

/** The options of a `TransformerBlock`: those of its attention, and more. */
export interface TransformerBlockOptions extends MultiHeadAttentionOptions {
  /**
   * Position of the norms. 'pre' (GPT-2; default): norm inside the branch · 'post' (the first Transformer,
   * BERT): norm after the addition
   */
  readonly normPosition?: 'pre' | 'post';
  /** Whether attention and feed-forward network read the same norm of x, side by side. Default false. */
  readonly parallel?: boolean;
  /** Kind of the norms. Default 'layerNorm'. */
  readonly norm?: NormName;
  /** ε of the norms, those of queries and keys among them. Default 1e-5 (layer norm) or 1e-6 (RMS norm). */
  readonly eps?: number | undefined;
  /** Hidden width F of the feed-forward network. Default 4·width. */
  readonly hidden?: number | undefined;
  /** Activation of the feed-forward network: a function, its name, or a layer. Default gelu (exact). */
  readonly activation?: ActivationLike | undefined;
}

/** The default options; those that are undefined are of the layers inside. Models extend them. */
export const blockDefaults: Required<TransformerBlockOptions> = {
  ...attentionDefaults,
  normPosition: 'pre',
  parallel: false,
  norm: 'layerNorm',
  hidden: undefined,
  activation: undefined,
};

/** Sorts the options of a block, of this kind or a decoder's, by the layers inside that they are for. */
export function blockSettings(where: string, width: number, options: TransformerBlockOptions) {
  const all = withDefaults(where, options, blockDefaults);
  const { normPosition, parallel, norm, hidden, activation, ...attention } = all;
  const { eps, bias, dropout, init, outputInit } = attention;
  checkOneOf(where, 'normPosition', normPosition, ['pre', 'post']);
  check(
    !parallel || normPosition === 'pre',
    where,
    'parallel branches have their norm before them',
    () => `normPosition "${normPosition}"`,
  );
  const feedForward = { hidden, activation, bias, dropout, init, outputInit };
  return {
    normPosition,
    parallel,
    newNorm: () => normLayer(norm, width, { eps, bias }),
    attention,
    feedForward,
  };
}
