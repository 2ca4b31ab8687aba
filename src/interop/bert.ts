import { BERT } from '../../models/bert.ts';
import { activationByName } from '../nn/index.ts';
import { ourActivation, theirActivation } from './activations.ts';
import type { Family } from './family.ts';
import { flipped } from './moves.ts';
import type { Row } from './table.ts';

const rows: readonly Row[] = [
  ['encoder.tokens.weight', 'bert.embeddings.word_embeddings.weight'],
  ['encoder.positions.weight', 'bert.embeddings.position_embeddings.weight'],
  ['encoder.segments.weight', 'bert.embeddings.token_type_embeddings.weight'],
  ['encoder.norm.{gain,bias}', 'bert.embeddings.LayerNorm.{weight,bias}'],
  ['encoder.blocks.{i}.attention.{query,key,value}.weight', 'bert.encoder.layer.{i}.attention.self.{query,key,value}.weight'],
  ['encoder.blocks.{i}.attention.{query,key,value}.bias', 'bert.encoder.layer.{i}.attention.self.{query,key,value}.bias'],
  ['encoder.blocks.{i}.attention.output.{weight,bias}', 'bert.encoder.layer.{i}.attention.output.dense.{weight,bias}'],
  ['encoder.blocks.{i}.norm1.{gain,bias}', 'bert.encoder.layer.{i}.attention.output.LayerNorm.{weight,bias}'],
  ['encoder.blocks.{i}.feedForward.expand.{weight,bias}', 'bert.encoder.layer.{i}.intermediate.dense.{weight,bias}'],
  ['encoder.blocks.{i}.feedForward.contract.{weight,bias}', 'bert.encoder.layer.{i}.output.dense.{weight,bias}'],
  ['encoder.blocks.{i}.norm2.{gain,bias}', 'bert.encoder.layer.{i}.output.LayerNorm.{weight,bias}'],
  ['encoder.pooler.{weight,bias}', 'bert.pooler.dense.{weight,bias}'],
  ['maskedHead.transform.{weight,bias}', 'cls.predictions.transform.dense.{weight,bias}'],
  ['maskedHead.norm.{gain,bias}', 'cls.predictions.transform.LayerNorm.{weight,bias}'],
  ['maskedHead.bias', 'cls.predictions.bias'],
  // there 0 says that the second sentence follows, here 1
  ['nextSentence.{weight,bias}', 'cls.seq_relationship.{weight,bias}', flipped],
]; // biome-ignore format: a table

/** BERT with its two tasks ↔ BertForPreTraining, whose answer to "does it follow" is the other way round. */
export const bert: Family<BERT> = {
  type: 'bert',
  architecture: 'BertForPreTraining',
  owns: (model) => model instanceof BERT,
  write({ encoder: { options } }, where) {
    return {
      attention_probs_dropout_prob: options.dropout,
      hidden_act: theirActivation(where, options.activation, 'elementwise'),
      hidden_dropout_prob: options.dropout,
      hidden_size: options.width,
      initializer_range: options.initStd,
      intermediate_size: options.hidden ?? 4 * options.width,
      layer_norm_eps: options.eps,
      max_position_embeddings: options.context,
      num_attention_heads: options.heads,
      num_hidden_layers: options.layers,
      position_embedding_type: 'absolute',
      tie_word_embeddings: true,
      type_vocab_size: options.segments,
      vocab_size: options.vocabSize,
    };
  },
  largest(config) {
    const width = config.size('hidden_size', 768);
    const last = `bert.encoder.layer.${config.size('num_hidden_layers', 12) - 1}`;
    return [
      ['bert.embeddings.word_embeddings.weight', [config.size('vocab_size', 30522), width]],
      ['bert.embeddings.position_embeddings.weight', [config.size('max_position_embeddings', 512), width]],
      ['bert.embeddings.token_type_embeddings.weight', [config.size('type_vocab_size', 2), width]],
      [`${last}.intermediate.dense.weight`, [config.size('intermediate_size', 3072), width]],
    ];
  },
  read(config) {
    config.only({
      position_embedding_type: 'absolute',
      is_decoder: false,
      add_cross_attention: false,
      tie_word_embeddings: true,
    });
    return new BERT({
      vocabSize: config.size('vocab_size', 30522),
      context: config.size('max_position_embeddings', 512),
      segments: config.size('type_vocab_size', 2),
      layers: config.size('num_hidden_layers', 12),
      heads: config.size('num_attention_heads', 12),
      width: config.size('hidden_size', 768),
      hidden: config.size('intermediate_size', 3072),
      activation: activationByName(
        ourActivation(config.where, config.get('hidden_act') ?? 'gelu', 'elementwise'),
      ),
      eps: config.number('layer_norm_eps', 1e-12),
      dropout: config.number('hidden_dropout_prob', 0.1),
      initStd: config.number('initializer_range', 0.02),
    });
  },
  rows: () => rows,
  layers: ({ encoder }) => encoder.options.layers,
  spellings: [
    [/^(embeddings|encoder|pooler)\./, 'bert.$1.'],
    [/LayerNorm\.gamma$/, 'LayerNorm.weight'],
    [/LayerNorm\.beta$/, 'LayerNorm.bias'],
  ],
  ignored: /\.embeddings\.position_ids$/,
  copies: () => [
    ['cls.predictions.decoder.weight', 'bert.embeddings.word_embeddings.weight'],
    ['cls.predictions.decoder.bias', 'cls.predictions.bias'],
  ],
};
