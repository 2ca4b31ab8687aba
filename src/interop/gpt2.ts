import { GPT } from '../../models/gpt.ts';
import { ourActivation, theirActivation } from './activations.ts';
import { checkSayable } from './config.ts';
import type { Family } from './family.ts';
import { inTurn, joined, transposed } from './moves.ts';
import type { Row } from './table.ts';

/** The weights of GPT-2's linear layers are (in, out); queries, keys and values are one of them. */
const rows: readonly Row[] = [
  ['tokens.weight', 'transformer.wte.weight'],
  ['positions.weight', 'transformer.wpe.weight'],
  ['blocks.{i}.norm1.gain', 'transformer.h.{i}.ln_1.weight'],
  ['blocks.{i}.norm1.bias', 'transformer.h.{i}.ln_1.bias'],
  ['blocks.{i}.attention.{query,key,value}.weight', 'transformer.h.{i}.attn.c_attn.weight', inTurn(joined(3), transposed)],
  ['blocks.{i}.attention.{query,key,value}.bias', 'transformer.h.{i}.attn.c_attn.bias', joined(3)],
  ['blocks.{i}.attention.output.weight', 'transformer.h.{i}.attn.c_proj.weight', transposed],
  ['blocks.{i}.attention.output.bias', 'transformer.h.{i}.attn.c_proj.bias'],
  ['blocks.{i}.norm2.gain', 'transformer.h.{i}.ln_2.weight'],
  ['blocks.{i}.norm2.bias', 'transformer.h.{i}.ln_2.bias'],
  ['blocks.{i}.feedForward.expand.weight', 'transformer.h.{i}.mlp.c_fc.weight', transposed],
  ['blocks.{i}.feedForward.expand.bias', 'transformer.h.{i}.mlp.c_fc.bias'],
  ['blocks.{i}.feedForward.contract.weight', 'transformer.h.{i}.mlp.c_proj.weight', transposed],
  ['blocks.{i}.feedForward.contract.bias', 'transformer.h.{i}.mlp.c_proj.bias'],
  ['norm.gain', 'transformer.ln_f.weight'],
  ['norm.bias', 'transformer.ln_f.bias'],
]; // biome-ignore format: a table
const untied: readonly Row[] = [['head.weight', 'lm_head.weight']];

/** A GPT with learned positions and layer norms ↔ GPT-2. A model without biases gets zeros. */
export const gpt2: Family<GPT> = {
  type: 'gpt2',
  architecture: 'GPT2LMHeadModel',
  owns: (model): model is GPT => model instanceof GPT && model.options.positions !== 'rotary',
  write({ options }, where) {
    const { vocabSize, context, width, layers, heads, hidden, activation, dropout, eps = 1e-5 } = options;
    checkSayable(where, options, {
      positions: ['learned'],
      norm: ['layerNorm'],
      normPosition: ['pre'],
      parallel: [false],
      keyValueHeads: [undefined, heads],
      headSize: [undefined, width / heads],
      window: [undefined],
      qkNorm: [false],
      logitCap: [undefined],
    });
    return {
      activation_function: theirActivation(where, activation, 'elementwise'),
      attn_pdrop: dropout,
      embd_pdrop: dropout,
      initializer_range: options.initStd,
      layer_norm_epsilon: eps,
      n_embd: width,
      n_head: heads,
      n_inner: hidden ?? 4 * width,
      n_layer: layers,
      n_positions: context,
      resid_pdrop: dropout,
      tie_word_embeddings: options.tiedHead,
      vocab_size: vocabSize,
    };
  },
  largest: (config) => [
    ['transformer.wte.weight', [config.size('vocab_size', 50257), config.size('n_embd', 768)]],
    ['transformer.wpe.weight', [config.size('n_positions', 1024), config.size('n_embd', 768)]],
    [
      `transformer.h.${config.size('n_layer', 12) - 1}.mlp.c_fc.weight`,
      [config.size('n_embd', 768), config.size('n_inner', 4 * config.size('n_embd', 768))],
    ],
  ],
  read(config) {
    config.only({
      scale_attn_weights: true,
      scale_attn_by_inverse_layer_idx: false,
      add_cross_attention: false,
    });
    return new GPT({
      vocabSize: config.size('vocab_size', 50257),
      context: config.size('n_positions', 1024),
      layers: config.size('n_layer', 12),
      heads: config.size('n_head', 12),
      width: config.size('n_embd', 768),
      hidden: config.size('n_inner', 4 * config.size('n_embd', 768)),
      activation: ourActivation(config.where, config.get('activation_function') ?? 'gelu_new', 'elementwise'),
      eps: config.number('layer_norm_epsilon', 1e-5),
      dropout: config.number('resid_pdrop', 0.1),
      initStd: config.number('initializer_range', 0.02),
      tiedHead: config.boolean('tie_word_embeddings', true),
      bias: true,
    });
  },
  rows: ({ options }) => (options.tiedHead ? rows : [...rows, ...untied]),
  layers: ({ options }) => options.layers,
  spellings: [[/^(wte|wpe|h|ln_f)\./, 'transformer.$1.']],
  ignored: /\.attn\.(bias|masked_bias)$/,
  copies: ({ options }) => (options.tiedHead ? [['lm_head.weight', 'transformer.wte.weight']] : []),
};
