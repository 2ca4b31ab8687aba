import { ViT } from '../../models/vit.ts';
import { activationByName } from '../nn/index.ts';
import { check, display } from '../tensor/index.ts';
import { ourActivation, theirActivation } from './activations.ts';
import type { Config } from './config.ts';
import type { Family } from './family.ts';
import { patchesLast, reshaped } from './moves.ts';
import type { Row } from './table.ts';

const rows = ({ options: { patchSize, channels, width }, grid: [down, across] }: ViT): readonly Row[] => [
  ['classToken', 'vit.embeddings.cls_token', reshaped([1, width], [1, 1, width])],
  ['positions', 'vit.embeddings.position_embeddings', reshaped([1 + down * across, width], [1, 1 + down * across, width])],
  ['patches.projection.weight', 'vit.embeddings.patch_embeddings.projection.weight', patchesLast(patchSize, channels)],
  ['patches.projection.bias', 'vit.embeddings.patch_embeddings.projection.bias'],
  ['blocks.{i}.norm1.{gain,bias}', 'vit.encoder.layer.{i}.layernorm_before.{weight,bias}'],
  ['blocks.{i}.attention.{query,key,value}.weight', 'vit.encoder.layer.{i}.attention.attention.{query,key,value}.weight'],
  ['blocks.{i}.attention.{query,key,value}.bias', 'vit.encoder.layer.{i}.attention.attention.{query,key,value}.bias'],
  ['blocks.{i}.attention.output.{weight,bias}', 'vit.encoder.layer.{i}.attention.output.dense.{weight,bias}'],
  ['blocks.{i}.norm2.{gain,bias}', 'vit.encoder.layer.{i}.layernorm_after.{weight,bias}'],
  ['blocks.{i}.feedForward.expand.{weight,bias}', 'vit.encoder.layer.{i}.intermediate.dense.{weight,bias}'],
  ['blocks.{i}.feedForward.contract.{weight,bias}', 'vit.encoder.layer.{i}.output.dense.{weight,bias}'],
  ['norm.{gain,bias}', 'vit.layernorm.{weight,bias}'],
  ['head.{weight,bias}', 'classifier.{weight,bias}'],
]; // biome-ignore format: a table

/** ViT ↔ ViTForImageClassification, whose images have their channels first. */
export const vit: Family<ViT> = {
  type: 'vit',
  architecture: 'ViTForImageClassification',
  owns: (model) => model instanceof ViT,
  write({ options, grid: [down, across] }, where) {
    const { patchSize, classes, dropout } = options;
    const labels = Array.from({ length: classes }, (_, i) => `LABEL_${i}`);
    return {
      attention_probs_dropout_prob: dropout,
      hidden_act: theirActivation(where, options.activation, 'elementwise'),
      hidden_dropout_prob: dropout,
      hidden_size: options.width,
      id2label: Object.fromEntries(labels.entries()), // their number is the number of classes
      image_size: down === across ? down * patchSize : [down * patchSize, across * patchSize],
      initializer_range: options.initStd,
      intermediate_size: options.hidden ?? 4 * options.width,
      label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
      layer_norm_eps: options.eps,
      num_attention_heads: options.heads,
      num_channels: options.channels,
      num_hidden_layers: options.layers,
      patch_size: patchSize,
      qkv_bias: true,
    };
  },
  largest(config) {
    const width = config.size('hidden_size', 768);
    const [height, breadth] = imageSize(config);
    const patch = config.size('patch_size', 16);
    const patches = Math.floor(height / patch) * Math.floor(breadth / patch);
    const projection = [width, config.size('num_channels', 3), patch, patch];
    const last = `vit.encoder.layer.${config.size('num_hidden_layers', 12) - 1}`;
    return [
      ['vit.embeddings.position_embeddings', [1, 1 + patches, width]],
      ['vit.embeddings.patch_embeddings.projection.weight', projection],
      [`${last}.intermediate.dense.weight`, [config.size('intermediate_size', 3072), width]],
      ['classifier.weight', [classes(config), width]],
    ];
  },
  read(config) {
    config.only({ qkv_bias: true });
    return new ViT({
      imageSize: imageSize(config),
      patchSize: config.size('patch_size', 16),
      classes: classes(config),
      channels: config.size('num_channels', 3),
      layers: config.size('num_hidden_layers', 12),
      heads: config.size('num_attention_heads', 12),
      width: config.size('hidden_size', 768),
      hidden: config.size('intermediate_size', 3072),
      activation: activationByName(
        ourActivation(config.where, config.get('hidden_act') ?? 'gelu', 'elementwise'),
      ),
      eps: config.number('layer_norm_eps', 1e-12),
      dropout: config.number('hidden_dropout_prob', 0),
      initStd: config.number('initializer_range', 0.02),
    });
  },
  rows,
  layers: ({ options }) => options.layers,
  spellings: [
    [/^(embeddings|encoder|layers|layernorm)\./, 'vit.$1.'],
    // the names that transformers 5 has in memory
    [/^vit\.layers\./, 'vit.encoder.layer.'],
    [/\.attention\.q_proj\./, '.attention.attention.query.'],
    [/\.attention\.k_proj\./, '.attention.attention.key.'],
    [/\.attention\.v_proj\./, '.attention.attention.value.'],
    [/\.attention\.o_proj\./, '.attention.output.dense.'],
    [/\.mlp\.fc1\./, '.intermediate.dense.'],
    [/\.mlp\.fc2\./, '.output.dense.'],
  ],
  ignored: /(?!)/,
  copies: () => [],
};

function imageSize(config: Config): readonly [number, number] {
  const size = config.get('image_size') ?? 224;
  const pair = Array.isArray(size) ? size : [size, size];
  const good = pair.length === 2 && pair.every((side) => Number.isSafeInteger(side) && side >= 1);
  check(good, config.where, 'image_size is one whole number ≥ 1, or two', () => display(size));
  return [pair[0], pair[1]];
}

/** The number of labels; a config without any means two. */
function classes(config: Config): number {
  const labels = config.get('id2label');
  return labels === undefined ? config.size('num_labels', 2) : Object.keys(labels as object).length;
}
