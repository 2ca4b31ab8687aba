import { GPT } from '../../models/gpt.ts';
import { ourActivation, theirActivation } from './activations.ts';
import { Config, checkSayable } from './config.ts';
import type { Family } from './family.ts';
import { divided, halves, type Move, same } from './moves.ts';
import type { Row } from './table.ts';

/** Weights; the gate is the second half of what our feed-forward network expands to. */
const rows = (pairs: Move): readonly Row[] => [
  ['tokens.weight', 'model.embed_tokens.weight'],
  ['blocks.{i}.norm1.gain', 'model.layers.{i}.input_layernorm.weight'],
  ['blocks.{i}.attention.{query,key}.weight', 'model.layers.{i}.self_attn.{q,k}_proj.weight', pairs],
  ['blocks.{i}.attention.{value,output}.weight', 'model.layers.{i}.self_attn.{v,o}_proj.weight'],
  ['blocks.{i}.norm2.gain', 'model.layers.{i}.post_attention_layernorm.weight'],
  ['blocks.{i}.feedForward.expand.weight', 'model.layers.{i}.mlp.{up,gate}_proj.weight', divided(2)],
  ['blocks.{i}.feedForward.contract.weight', 'model.layers.{i}.mlp.down_proj.weight'],
  ['norm.gain', 'model.norm.weight'],
];
const biases = (pairs: Move): readonly Row[] => [
  ['blocks.{i}.attention.{query,key}.bias', 'model.layers.{i}.self_attn.{q,k}_proj.bias', pairs],
  ['blocks.{i}.attention.{value,output}.bias', 'model.layers.{i}.self_attn.{v,o}_proj.bias'],
  ['blocks.{i}.feedForward.expand.bias', 'model.layers.{i}.mlp.{up,gate}_proj.bias', divided(2)],
  ['blocks.{i}.feedForward.contract.bias', 'model.layers.{i}.mlp.down_proj.bias'],
];
const untied: readonly Row[] = [['head.weight', 'lm_head.weight']];

/** The order of a head's channels: theirs are always halves. */
function pairs({ options: { rotaryLayout, headSize, width, heads } }: GPT): Move {
  return rotaryLayout === 'half' ? same : halves(headSize ?? width / heads);
}

/** A GPT with rotary positions, RMS norms and a gated feed-forward network ↔ LLaMA. */
export const llama: Family<GPT> = {
  type: 'llama',
  architecture: 'LlamaForCausalLM',
  owns: (model): model is GPT => model instanceof GPT && model.options.positions === 'rotary',
  write({ options }, where) {
    const { width, heads, bias, eps = 1e-6, rotaryBase = 10000 } = options;
    checkSayable(where, options, {
      norm: ['rmsNorm'],
      normPosition: ['pre'],
      parallel: [false],
      window: [undefined],
      qkNorm: [false],
      logitCap: [undefined],
    });
    return {
      attention_bias: bias,
      attention_dropout: options.dropout,
      head_dim: options.headSize ?? width / heads,
      hidden_act: theirActivation(where, options.activation, 'gated'),
      hidden_size: width,
      initializer_range: options.initStd,
      intermediate_size: options.hidden ?? 4 * width,
      max_position_embeddings: options.context,
      mlp_bias: bias,
      num_attention_heads: heads,
      num_hidden_layers: options.layers,
      num_key_value_heads: options.keyValueHeads ?? heads,
      rms_norm_eps: eps,
      rope_parameters: { rope_theta: rotaryBase, rope_type: 'default' },
      rope_theta: rotaryBase, // where older versions look
      tie_word_embeddings: options.tiedHead,
      vocab_size: options.vocabSize,
    };
  },
  largest(config) {
    const width = config.size('hidden_size', 4096);
    const heads = config.size('num_attention_heads', 32);
    const last = `model.layers.${config.size('num_hidden_layers', 32) - 1}`;
    return [
      ['model.embed_tokens.weight', [config.size('vocab_size', 32000), width]],
      [`${last}.mlp.up_proj.weight`, [config.size('intermediate_size', 11008), width]],
      [`${last}.self_attn.q_proj.weight`, [heads * config.size('head_dim', width / heads), width]],
    ];
  },
  read(config) {
    const bias = config.boolean('attention_bias', false);
    config.only({ mlp_bias: bias, pretraining_tp: 1 });
    const heads = config.size('num_attention_heads', 32);
    const width = config.size('hidden_size', 4096);
    return new GPT({
      vocabSize: config.size('vocab_size', 32000),
      context: config.size('max_position_embeddings', 2048),
      layers: config.size('num_hidden_layers', 32),
      heads,
      width,
      keyValueHeads: config.size('num_key_value_heads', heads),
      headSize: config.size('head_dim', width / heads),
      hidden: config.size('intermediate_size', 11008),
      activation: ourActivation(config.where, config.get('hidden_act') ?? 'silu', 'gated'),
      norm: 'rmsNorm',
      eps: config.number('rms_norm_eps', 1e-6),
      positions: 'rotary',
      rotaryBase: rotaryBase(config),
      rotaryLayout: 'half',
      dropout: config.number('attention_dropout', 0),
      initStd: config.number('initializer_range', 0.02),
      tiedHead: config.boolean('tie_word_embeddings', false),
      bias,
    });
  },
  rows: (model) => [
    ...rows(pairs(model)),
    ...(model.options.bias ? biases(pairs(model)) : []),
    ...(model.options.tiedHead ? [] : untied),
  ],
  layers: ({ options }) => options.layers,
  spellings: [[/^(embed_tokens|layers|norm)\./, 'model.$1.']],
  ignored: /\.rotary_emb\.inv_freq$/,
  copies: ({ options }) => (options.tiedHead ? [['lm_head.weight', 'model.embed_tokens.weight']] : []),
};

/** The base of rotary positions, of which only the plain kind is read: none is stretched or partial. */
function rotaryBase(config: Config): number {
  const { where } = config;
  for (const name of ['rope_scaling', 'rope_parameters']) {
    const inner = new Config(`${where}, ${name}`, config.get(name) ?? {});
    inner.only({ rope_type: 'default', type: 'default', factor: 1, partial_rotary_factor: 1 });
  }
  config.only({ partial_rotary_factor: 1 });
  const parameters = new Config(`${where}, rope_parameters`, config.get('rope_parameters') ?? {});
  return parameters.number('rope_theta', config.number('rope_theta', 10000));
}
