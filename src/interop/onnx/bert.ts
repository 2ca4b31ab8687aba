import type { BERT } from '../../../models/bert.ts';
import { activation } from './activations.ts';
import { block } from './block.ts';
import { Graph } from './graph.ts';
import { linear, norm } from './layers.ts';

/**
 * BERT as a graph: `input_ids`, `attention_mask` (1 where there is no padding) and `token_type_ids`, each
 * (B, T) → `logits` (B, T, V) of the words, `is_next` (B, 2), `last_hidden_state` (B, T, C).
 */
export function bertGraph({ encoder, maskedHead, nextSentence }: BERT, int8 = false): Graph {
  const { width, vocabSize } = encoder.options;
  const g = new Graph({ int8 });
  const [ids, seen, segments] = ['input_ids', 'attention_mask', 'token_type_ids'].map((name) =>
    g.input(name, 'int64', ['batch', 'time']),
  ) as [string, string, string];
  const table = (name: 'tokens' | 'positions' | 'segments') =>
    g.matrix(`encoder.${name}.weight`, encoder[name].weight, 0);
  const words = table('tokens');
  const length = g.run('Gather', [g.run('Shape', [ids]), g.ints([1], [])]);
  const places = g.run('Range', [g.ints([0], []), length, g.ints([1], [])]);
  const sum = g.run('Add', [
    g.run('Add', [g.run('Gather', [words, ids]), g.run('Gather', [table('positions'), places])]),
    g.run('Gather', [table('segments'), segments]),
  ]);
  let x = norm(g, 'encoder.norm', encoder.norm, sum);
  const padding = g.run('Equal', [seen, g.ints([0], [])]);
  const mask = g.run('Unsqueeze', [
    g.run('Where', [padding, Number.NEGATIVE_INFINITY, 0]),
    g.ints([1, 2, 3]),
  ]);
  for (const [i, layer] of encoder.blocks.items.entries())
    ({ x } = block(g, `encoder.blocks.${i}`, layer, x, { mask }));
  g.output('last_hidden_state', x, ['batch', 'time', width]);
  const first = g.run('Gather', [x, g.ints([0], [])], { axis: 1 });
  const pooled = g.run('Tanh', [linear(g, 'encoder.pooler', encoder.pooler, first)]);
  g.output('is_next', linear(g, 'nextSentence', nextSentence, pooled), ['batch', 2]);
  const h = activation(g, maskedHead.activation, linear(g, 'maskedHead.transform', maskedHead.transform, x));
  const turned = g.run('Transpose', [words], { perm: [1, 0] });
  const scores = g.run('MatMul', [norm(g, 'maskedHead.norm', maskedHead.norm, h), turned]);
  const bias = g.weight('maskedHead.bias', maskedHead.bias);
  g.output('logits', g.run('Add', [scores, bias]), ['batch', 'time', vocabSize]);
  return g;
}
