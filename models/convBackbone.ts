import { checkSize } from '../src/nn/checks.ts';
import { BatchNorm, Conv2d, initKaimingNormal, Module, ModuleList } from '../src/nn/index.ts';
import { add, relu } from '../src/ops/index.ts';
import { check, display, type Tensor } from '../src/tensor/index.ts';

/**
 * A small network of convolutions that turns an image into a map of features. Each stage halves height and
 * width, then refines what it has:
 *
 *   x ← ReLU(norm(conv 3×3, stride 2 (x)));   x ← ReLU(x + norm(conv 3×3 (x)))
 *
 * Shapes: images (B, H, W, inputs) → (B, ⌈H/2ⁿ⌉, ⌈W/2ⁿ⌉, widths[n − 1]) for n stages. The norm is BatchNorm;
 * blocks with a shortcut are those of He et al., "Deep Residual Learning", arXiv:1512.03385, with one
 * convolution.
 */
export class ConvBackbone extends Module {
  readonly stages: ModuleList<Stage>;
  /** Channels of the features. */
  readonly channels: number;

  /** @param widths channels of each stage */
  constructor(inputs: number, widths: readonly number[]) {
    super();
    check(
      Array.isArray(widths) && widths.length > 0,
      'ConvBackbone',
      'there is a width for each stage',
      () => display(widths),
      () => 'write new ConvBackbone(3, [32, 64])',
    );
    for (const width of [inputs, ...widths]) checkSize('ConvBackbone', { 'a number of channels': width });
    this.stages = new ModuleList(widths.map((width, i) => new Stage(widths[i - 1] ?? inputs, width)));
    this.channels = widths.at(-1)!;
  }

  forward(images: Tensor): Tensor {
    let x = images;
    for (const stage of this.stages) x = stage.forward(x);
    return x;
  }
}

class Stage extends Module {
  readonly halve: Conv2d;
  readonly norm1: BatchNorm;
  readonly refine: Conv2d;
  readonly norm2: BatchNorm;

  constructor(inputs: number, width: number) {
    super();
    const options = { padding: 1, bias: false, init: initKaimingNormal() }; // a norm takes any bias away
    this.halve = new Conv2d(inputs, width, 3, { ...options, stride: 2 });
    this.norm1 = new BatchNorm(width);
    this.refine = new Conv2d(width, width, 3, options);
    this.norm2 = new BatchNorm(width);
  }

  forward(images: Tensor): Tensor {
    const x = relu(this.norm1.forward(this.halve.forward(images)));
    return relu(add(x, this.norm2.forward(this.refine.forward(x))));
  }
}
