import type { MultiHeadAttention, RMSNorm } from '../../nn/index.ts';
import { halves } from '../moves.ts';
import type { Graph } from './graph.ts';
import { linear, norm } from './layers.ts';

/** What the attention of every block shares, and what each has of its own. */
export interface Attention {
  /** Numbers added to the scores: (T, S), or whatever broadcasts to (B, G, H/G, T, S). */
  readonly mask?: string;
  /** Cosines and sines of the positions, (T, D/2) each, where queries and keys are turned. */
  readonly turns?: { readonly cos: string; readonly sin: string };
  /** Keys and values of earlier positions, (B, G, P, D). */
  readonly past?: { readonly key: string; readonly value: string };
}

/** Attention of x (B, T, C): its output, and the keys and values of all positions, (B, G, S, D). */
export function attention(g: Graph, name: string, layer: MultiHeadAttention, x: string, options: Attention) {
  const { heads, keyValueHeads: groups, headSize } = layer;
  const { mask, turns, past } = options;
  // turned pairs are halves here: queries and keys change their order alike, so their products stay
  const order = turns && layer.rotary.layout !== 'half' ? halves(headSize) : undefined;
  const project = (which: 'query' | 'key' | 'value', count: number) => {
    const y = linear(g, `${name}.${which}`, layer[which], x, which === 'value' ? undefined : order);
    return g.run('Reshape', [y, g.ints([0, 0, count, headSize])]);
  };
  const arranged = (which: 'query' | 'key', count: number, itsNorm: RMSNorm | null) => {
    const y = project(which, count);
    const normed = itsNorm ? norm(g, `${name}.${which}Norm`, itsNorm, y, order) : y;
    const byHead = g.run('Transpose', [normed], { perm: [0, 2, 1, 3] });
    return turns ? turned(g, byHead, turns) : byHead;
  };
  const joined = (old: string | undefined, now: string) =>
    old ? g.run('Concat', [old, now], { axis: 2 }) : now;
  const query = arranged('query', heads, layer.queryNorm);
  const key = joined(past?.key, arranged('key', groups, layer.keyNorm));
  const value = joined(past?.value, g.run('Transpose', [project('value', groups)], { perm: [0, 2, 1, 3] }));
  // queries (B, G, H/G, T, D), keys and values (B, G, 1, S, D): each of them serves H/G queries
  const grouped = g.run('Reshape', [query, g.ints([0, groups, heads / groups, -1, headSize])]);
  const shared = (x: string) => g.run('Unsqueeze', [x, g.ints([2])]);
  const keys = g.run('Transpose', [shared(key)], { perm: [0, 1, 2, 4, 3] });
  const scores = g.run('MatMul', [g.run('Mul', [grouped, 1 / Math.sqrt(headSize)]), keys]);
  const weights = g.run('Softmax', [mask ? g.run('Add', [scores, mask]) : scores], { axis: -1 });
  const mixed = g.run('MatMul', [weights, shared(value)]);
  const byHead = g.run('Reshape', [mixed, g.ints([0, heads, -1, headSize])]);
  const byPosition = g.run('Transpose', [byHead], { perm: [0, 2, 1, 3] });
  const merged = g.run('Reshape', [byPosition, g.ints([0, 0, heads * headSize])]);
  return { output: linear(g, `${name}.output`, layer.output, merged), key, value };
}

/** Queries or keys (B, heads, T, D) with their halves turned against each other. */
function turned(g: Graph, x: string, { cos, sin }: NonNullable<Attention['turns']>): string {
  const [a, b] = g.split('Split', [x], 2, { axis: -1 }) as [string, string];
  const times = (x: string, y: string) => g.run('Mul', [x, y]);
  return g.run(
    'Concat',
    [g.run('Sub', [times(a, cos), times(b, sin)]), g.run('Add', [times(b, cos), times(a, sin)])],
    { axis: -1 },
  );
}
