import type { GPT } from '../../../models/gpt.ts';
import { alibiSlopes } from '../../ops/alibi.ts';
import { Tensor } from '../../tensor/index.ts';
import type { Attention } from './attention.ts';
import { block } from './block.ts';
import { Graph } from './graph.ts';
import { linear, norm } from './layers.ts';

/**
 * A GPT as a graph: `input_ids` (B, T) → `logits` (B, T, V). With a cache also `past_key_values.i.key` and
 * `.value` (B, G, P, D) → `present.i.key` and `.value` (B, G, P + T, D); P is 0 at first.
 */
export function gptGraph(model: GPT, withCache: boolean, int8 = false): Graph {
  const { layers, logitCap, vocabSize } = model.options;
  const g = new Graph({ int8 });
  const ids = g.input('input_ids', 'int64', ['batch', 'time']);
  const { keyValueHeads, headSize } = model.blocks.items[0]!.attention;
  const cached = (name: string, i: number) => (which: string) =>
    g.input(`${name}.${i}.${which}`, 'float', ['batch', keyValueHeads, 'past', headSize]);
  const pasts = Array.from({ length: withCache ? layers : 0 }, (_, i) => {
    const [key, value] = ['key', 'value'].map(cached('past_key_values', i)) as [string, string];
    return { key, value };
  });
  const places = positionsOf(g, ids, pasts[0]?.key);
  const shared = { mask: causalMask(g, model, places), ...turns(g, model, places.queries) };
  const table = g.matrix('tokens.weight', model.tokens.weight, 0);
  let x = embedded(g, model, g.run('Gather', [table, ids]), places.queries);
  for (const [i, layer] of model.blocks.items.entries()) {
    const past = pasts[i];
    const { key, value, ...next } = block(g, `blocks.${i}`, layer, x, { ...shared, ...(past && { past }) });
    x = next.x;
    for (const [which, kept] of withCache
      ? ([
          ['key', key],
          ['value', value],
        ] as const)
      : [])
      g.output(`present.${i}.${which}`, kept, ['batch', keyValueHeads, 'total', headSize]);
  }
  if (model.norm) x = norm(g, 'norm', model.norm, x);
  let logits = model.head
    ? linear(g, 'head', model.head, x)
    : g.run('MatMul', [x, g.run('Transpose', [table], { perm: [1, 0] })]);
  if (logitCap !== undefined)
    logits = g.run('Mul', [g.run('Tanh', [g.run('Div', [logits, logitCap])]), logitCap]);
  g.output('logits', logits, ['batch', 'time', vocabSize]);
  return g;
}

/** Positions of the queries, P … P + T − 1, and of the keys, 0 … P + T − 1. */
interface Places {
  readonly queries: string;
  readonly keys: string;
}

function positionsOf(g: Graph, ids: string, past: string | undefined): Places {
  const sizeOf = (x: string, axis: number) => g.run('Gather', [g.run('Shape', [x]), g.ints([axis], [])]);
  const [zero, one] = [g.ints([0], []), g.ints([1], [])];
  const start = past ? sizeOf(past, 2) : zero;
  const end = g.run('Add', [start, sizeOf(ids, 1)]);
  return { queries: g.run('Range', [start, end, one]), keys: g.run('Range', [zero, end, one]) };
}

/** 0 where a key is seen and −∞ where it lies ahead or behind the window, (T, S); ALiBi's costs on top. */
function causalMask(g: Graph, { options }: GPT, { queries, keys }: Places): string {
  const distance = g.run('Sub', [g.run('Unsqueeze', [queries, g.ints([1])]), keys]);
  let hidden = g.run('Less', [distance, g.ints([0], [])]);
  if (options.window !== undefined)
    hidden = g.run('Or', [hidden, g.run('GreaterOrEqual', [distance, g.ints([options.window], [])])]);
  const mask = g.run('Where', [hidden, Number.NEGATIVE_INFINITY, 0]);
  if (options.positions !== 'alibi') return mask;
  const { heads, keyValueHeads = heads } = options;
  const slopes = Float32Array.from(alibiSlopes(heads));
  const byGroup = Tensor.over(slopes, [keyValueHeads, heads / keyValueHeads, 1, 1]);
  const costs = g.run('Mul', [g.run('Cast', [distance], { to: 1 }), g.weight('alibi slopes', byGroup)]);
  return g.run('Sub', [mask, costs]);
}

/** Tokens with learned or sinusoidal positions, if the model has such. */
function embedded(g: Graph, { positions, options }: GPT, tokens: string, places: string): string {
  if (positions === null) return tokens;
  const isTable = 'table' in positions;
  const table = isTable
    ? g.weight('positions', positions.table)
    : g.matrix('positions.weight', positions.weight, 0);
  const scaled = isTable ? g.run('Mul', [tokens, Math.sqrt(options.width)]) : tokens;
  return g.run('Add', [scaled, g.run('Gather', [table, places])]);
}

/** Cosines and sines of rotary positions, for all of the context in tables. */
function turns(g: Graph, { options, blocks }: GPT, places: string): Pick<Attention, 'turns'> {
  if (options.positions !== 'rotary') return {};
  const { headSize, rotary } = blocks.items[0]!.attention;
  const { base = 10000 } = rotary;
  const angle = (p: number, i: number) => p * base ** ((-2 * i) / headSize);
  const table = (name: string, f: (angle: number) => number) => {
    const shape = [options.context, headSize / 2];
    const values = Array.from({ length: shape[0]! * shape[1]! }, (_, at) =>
      f(angle(Math.floor(at / shape[1]!), at % shape[1]!)),
    );
    return g.run('Gather', [g.weight(name, Tensor.over(Float32Array.from(values), shape)), places]);
  };
  return { turns: { cos: table('rotary cos', Math.cos), sin: table('rotary sin', Math.sin) } };
}
