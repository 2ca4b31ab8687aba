/** The ops that `npm run bench -- --ops` measures, at sizes of the examples; ops_pytorch.py has the same. */
import { manualSeed, randn, type Tensor } from 'scratchformer';
import { conv2d, ctcLoss, depthwiseConv1d, logSoftmax, lstm, mul, sum } from 'scratchformer/ops';

/** A variable: it gets a gradient. */
function variable(...shape: number[]): Tensor {
  const x = randn(shape);
  x.requiresGrad = true;
  return x;
}

/** Forward of one op, to a number whose gradient is that of a random upstream gradient. */
type OpCase = () => () => Tensor;

const weighted = (op: () => Tensor) => {
  const dy = randn(op().shape);
  return () => sum(mul(op(), dy));
};

export const opCases: Readonly<Record<string, OpCase>> = {
  'LSTM, 32×64 steps, 64 → 128': () => {
    const [x, wx, wh, bias] = [variable(32, 64, 64), variable(512, 64), variable(512, 128), variable(512)];
    return weighted(() => lstm(x, wx, wh, bias).hidden);
  },
  'convolution 3×3, 16 images 32×32, 16 → 32': () => {
    const [x, weight, bias] = [variable(16, 32, 32, 16), variable(3, 3, 16, 32), variable(32)];
    return weighted(() => conv2d(x, weight, bias, { padding: 1 }));
  },
  'depthwise convolution 15, 16×128 frames, 64 channels': () => {
    const [x, weight, bias] = [variable(16, 128, 64), variable(15, 64), variable(64)];
    return weighted(() => depthwiseConv1d(x, weight, bias));
  },
  'CTC loss, 16×128 frames, 30 classes, 20 symbols': () => {
    const x = variable(16, 128, 30);
    const targets = Array.from({ length: 16 }, (_, b) =>
      Array.from({ length: 20 }, (_, i) => 1 + ((b + 7 * i) % 29)),
    );
    return () => ctcLoss(logSoftmax(x), targets);
  },
};

/** Forward and backward of a case, to be timed. */
export function prepared(name: string): () => void {
  manualSeed(1);
  const forward = opCases[name]!();
  return () => forward().backward();
}
