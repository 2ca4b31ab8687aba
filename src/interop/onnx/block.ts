import type { TransformerBlock } from '../../nn/index.ts';
import { activation } from './activations.ts';
import { type Attention, attention } from './attention.ts';
import type { Graph } from './graph.ts';
import { linear, norm } from './layers.ts';

/** A block: its output, and its keys and values. */
export function block(g: Graph, name: string, layers: TransformerBlock, x: string, options: Attention) {
  const { norm1, norm2, feedForward, normPosition } = layers;
  const normed = (which: 'norm1' | 'norm2', x: string) => norm(g, `${name}.${which}`, layers[which]!, x);
  const attend = (x: string) => attention(g, `${name}.attention`, layers.attention, x, options);
  const feed = (x: string) => {
    const h = activation(
      g,
      feedForward.activation,
      linear(g, `${name}.feedForward.expand`, feedForward.expand, x),
    );
    return linear(g, `${name}.feedForward.contract`, feedForward.contract, h);
  };
  const plus = (a: string, b: string) => g.run('Add', [a, b]);
  if (norm2 === null) {
    const read = norm(g, `${name}.norm1`, norm1, x);
    const { output, ...state } = attend(read);
    return { x: plus(plus(x, output), feed(read)), ...state };
  }
  if (normPosition === 'pre') {
    const { output, ...state } = attend(normed('norm1', x));
    const attended = plus(x, output);
    return { x: plus(attended, feed(normed('norm2', attended))), ...state };
  }
  const { output, ...state } = attend(x);
  const attended = normed('norm1', plus(x, output));
  return { x: normed('norm2', plus(attended, feed(attended))), ...state };
}
