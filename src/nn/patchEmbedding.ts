import { permute, reshape } from '../ops/index.ts';
import { check, show, type Tensor } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { Linear, type LinearOptions } from './linear.ts';
import { Module } from './module.ts';

/**
 * Embeds the patches of an image, or the tubelets of a film: each is cut out, laid flat, and mapped linearly
 * to one token. It is the convolution whose windows do not overlap.
 *
 * Parameters: projection, a `Linear` from (size·…·C) to width. Shapes: images (B, H, W, C) → (B, H/p·W/p,
 * width) with patches [p, p]; films (B, T, H, W, C) → (B, T/t·H/p·W/p, width) with tubelets [t, p, p]. Tokens
 * come in row-major order, as the numbers within a patch do, channels last.
 *
 * Dosovitskiy et al., "An Image is Worth 16×16 Words", arXiv:2010.11929; tubelets: Arnab et al., "ViViT",
 * arXiv:2103.15691
 */
export class PatchEmbedding extends Module {
  readonly projection: Linear;
  readonly patch: readonly number[];

  /** @param patch its size along each axis between batch and channels */
  constructor(patch: readonly number[], channels: number, width: number, options: LinearOptions = {}) {
    super();
    for (const size of patch) checkSize('PatchEmbedding', { 'the size of a patch': size });
    this.patch = patch;
    this.projection = new Linear(
      patch.reduce((a, b) => a * b, channels),
      width,
      options,
    );
  }

  forward(x: Tensor): Tensor {
    return this.projection.forward(patches(x, this.patch));
  }
}

/** The patches of images or films, each laid flat: (B, …, C) → (B, number of patches, numbers in a patch). */
export function patches(x: Tensor, patch: readonly number[]): Tensor {
  const [B, sizes, C] = [x.shape[0]!, x.shape.slice(1, -1), x.shape.at(-1)!];
  check(
    sizes.length === patch.length && sizes.every((size, i) => size % patch[i]! === 0),
    'patches',
    `the axes between batch and channels are multiples of the patch, ${show(patch)}`,
    () => show(x.shape),
  );
  // (B, H/p, p, W/p, p, C) → (B, H/p, W/p, p, p, C)
  const split = reshape(x, [B, ...sizes.flatMap((size, i) => [size / patch[i]!, patch[i]!]), C]);
  const axes = sizes.map((_, i) => i);
  const order = [0, ...axes.map((i) => 1 + 2 * i), ...axes.map((i) => 2 + 2 * i), 1 + 2 * sizes.length];
  const count = sizes.reduce((total, size, i) => (total * size) / patch[i]!, 1);
  return reshape(permute(split, order), [B, count, -1]);
}
