import type { ViT } from '../../../models/vit.ts';
import { reshape } from '../../ops/index.ts';
import { moved, patchesLast } from '../moves.ts';
import { block } from './block.ts';
import { Graph } from './graph.ts';
import { linear, norm } from './layers.ts';

/** ViT as a graph: `pixel_values`, channels first, (B, C, H, W) → `logits` (B, classes). */
export function vitGraph(model: ViT, int8 = false): Graph {
  const { patchSize, channels, width, classes } = model.options;
  const g = new Graph({ int8 });
  const size = model.grid.map((patches) => patches * patchSize);
  const images = g.input('pixel_values', 'float', ['batch', channels, ...size]);
  const { weight, bias } = model.patches.projection;
  const [kernel] = moved(() => patchesLast(patchSize, channels).toTheirs([weight]));
  const square = [patchSize, patchSize];
  const cut = g.run(
    'Conv',
    [images, g.matrix('patches.projection.weight', kernel!, 0), g.weight('patches.projection.bias', bias!)],
    { kernel_shape: square, strides: square },
  );
  const patches = g.run('Transpose', [g.run('Reshape', [cut, g.ints([0, width, -1])])], { perm: [0, 2, 1] });
  const [token] = moved(() => [reshape(model.classToken, [1, 1, width])]);
  const batch = g.run('Slice', [g.run('Shape', [images]), g.ints([0]), g.ints([1])]);
  const shape = g.run('Concat', [batch, g.ints([1, width])], { axis: 0 });
  const first = g.run('Expand', [g.weight('classToken', token!), shape]);
  const tokens = g.run('Concat', [first, patches], { axis: 1 });
  let x = g.run('Add', [tokens, g.weight('positions', model.positions)]);
  for (const [i, layer] of model.blocks.items.entries()) ({ x } = block(g, `blocks.${i}`, layer, x, {}));
  const read = g.run('Gather', [x, g.ints([0], [])], { axis: 1 });
  g.output('logits', linear(g, 'head', model.head, norm(g, 'norm', model.norm, read)), ['batch', classes]);
  return g;
}
