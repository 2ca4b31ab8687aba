import { checkLayers, checkSize } from '../src/nn/checks.ts';
import {
  Dropout,
  Embedding,
  initNormal,
  initXavierUniform,
  initZeros,
  LayerNorm,
  Module,
  ModuleList,
  PatchEmbedding,
  TransformerBlock,
} from '../src/nn/index.ts';
import { add, gelu } from '../src/ops/index.ts';
import { check, required, show, sizeOf, Tensor, withDefaults } from '../src/tensor/index.ts';

/** The options of a `FilmEncoder`. */
export interface FilmEncoderOptions {
  /** Size of what it sees: [H, W, channels] of images, [T, H, W, channels] of films. */
  readonly input: readonly number[];
  /** Size of a patch, [p, p], or of a tubelet, [t, p, p]; it divides that of the input. */
  readonly patch: readonly number[];
  /** L, the number of blocks. Default 3. */
  readonly layers?: number;
  /** H, the number of heads. Default 4. */
  readonly heads?: number;
  /** C, the width of the hidden states. Default 64. */
  readonly width?: number;
  /** F, the hidden width of the feed-forward networks. Default 4·width. */
  readonly hidden?: number | undefined;
  /** Dropout probability: tokens, attention weights, branch outputs. Default 0. */
  readonly dropout?: number;
}

/** The default options of a `FilmEncoder`; a model with one inside extends them. */
export const filmEncoderDefaults: Required<FilmEncoderOptions> = {
  input: required,
  patch: required,
  layers: 3,
  heads: 4,
  width: 64,
  hidden: undefined, // the block's, 4·width
  dropout: 0,
};

/**
 * A vision transformer for images and films alike: what sees, in a captioner or a classifier.
 *
 *   x = patches·W + b + Σ over the axes of position(axis)        a patch at (t, y, x) is at three positions
 *     → L × block (full attention, GELU; norm before each) → norm
 *
 * Learned positions of each axis are added up, so a film of T·H·W tubelets needs T + H + W of them.
 * Shapes: (B, H, W, C) or (B, T, H, W, C) → (B, N, width), the N patches in row-major order.
 *
 * Dosovitskiy et al., "An Image is Worth 16×16 Words", arXiv:2010.11929 (GELU, norm before); films: Arnab et
 * al., "ViViT", arXiv:2103.15691, model 1 (attention over space and time at once)
 */
export class FilmEncoder extends Module {
  readonly options: Required<FilmEncoderOptions>;
  readonly patches: PatchEmbedding;
  /** For each axis, a table with a row for each place along it. */
  readonly positions: ModuleList<Embedding>;
  readonly dropout: Dropout;
  readonly blocks: ModuleList<TransformerBlock>;
  readonly norm: LayerNorm;

  constructor(given: FilmEncoderOptions) {
    super();
    const options = withDefaults('FilmEncoder', given, filmEncoderDefaults);
    const { input, patch, layers, heads, width, hidden, dropout } = options;
    const channels = input.at(-1)!;
    checkSize('FilmEncoder', { channels, heads, width });
    checkLayers('FilmEncoder', layers);
    check(
      input.length === patch.length + 1 && patch.every((size, axis) => input[axis]! % size === 0),
      'FilmEncoder',
      'the patch divides the input along every axis but that of the channels',
      () => `input ${show(input)} and patch ${show(patch)}`,
    );
    const init = initXavierUniform();
    const block = { heads, hidden, activation: gelu, dropout, init };
    this.options = options;
    this.patches = new PatchEmbedding(patch, channels, width, { init, biasInit: initZeros });
    this.positions = new ModuleList(
      // as loud as what a patch says; at 0.02 a small model takes long to notice where things are
      this.grid.map((count) => new Embedding(count, width, { init: initNormal(0.3) })),
    );
    this.dropout = new Dropout(dropout);
    this.blocks = new ModuleList(Array.from({ length: layers }, () => new TransformerBlock(width, block)));
    this.norm = new LayerNorm(width);
  }

  /** Number of patches along each axis: [rows, columns], or [times, rows, columns]. */
  get grid(): number[] {
    const { input, patch } = this.options;
    return patch.map((size, axis) => input[axis]! / size);
  }

  forward(films: Tensor): Tensor {
    const { input } = this.options;
    check(
      films.rank === input.length + 1 && input.every((size, axis) => films.shape[axis + 1] === size),
      'FilmEncoder',
      `the input is (B, ${input.join(', ')})`,
      () => show(films.shape),
    );
    let x = add(this.patches.forward(films), this.#places());
    x = this.dropout.forward(x);
    for (const block of this.blocks) x = block.forward(x);
    return this.norm.forward(x);
  }

  /** The position of each patch, (N, width): the sum of those along each axis. */
  #places(): Tensor {
    const { grid } = this;
    const N = sizeOf(grid);
    const along = grid.map((count, axis) => {
      const apart = sizeOf(grid.slice(axis + 1)); // patches from one to the next along this axis
      const indices = Int32Array.from({ length: N }, (_, n) => Math.floor(n / apart) % count);
      return this.positions.at(axis)!.forward(Tensor.over(indices, [N]));
    });
    return along.reduce((sum, positions) => add(sum, positions));
  }
}
