import { crossEntropy, type Tensor, tensor } from 'scratchformer';
import type { Check } from '../support/check.ts';
import { expectClose, expectGradients, normal } from '../support/compare.ts';
import { golden } from '../support/golden.ts';

interface Answer {
  crossEntropy(logits: Tensor, targets: Tensor): Tensor;
}

const classes = (...list: number[]) => tensor(list, { dtype: 'int32' });

export default {
  shipped: { crossEntropy },
  steps: {
    'equal scores cost log V'({ crossEntropy }) {
      const logits = tensor([[0, 0, 0, 0]], { dtype: 'float64' });
      const expected = tensor(Math.log(4), { dtype: 'float64' });
      const hint = 'p is 1/4, and −log p is 1.386; the loss is one number, a mean over the rows';
      expectClose('the loss', crossEntropy(logits, classes(2)), expected, hint);
    },
    "the loss is PyTorch's"({ crossEntropy }) {
      const {
        inputs: [logits, targets],
        y,
      } = golden('crossEntropy plain mean');
      const rows = logits!.reshape([targets!.size, logits!.shape.at(-1)!]);
      const got = crossEntropy(rows, targets!.reshape([targets!.size]).to('int32'));
      expectClose('the loss', got, y, 'it is the mean over the rows of log Σ exp(x) − x_y');
    },
    'large scores do not overflow'({ crossEntropy }) {
      const logits = tensor(
        [
          [2000, 1999],
          [-3000, -3000],
        ],
        { dtype: 'float64' },
      );
      const expected = tensor((Math.log1p(Math.exp(-1)) + Math.log(2)) / 2, { dtype: 'float64' });
      const hint = 'exp(2000) is Infinity: subtract the greatest score of the row first; it cancels';
      expectClose('the loss', crossEntropy(logits, classes(0, 1)), expected, hint);
    },
    'the gradient is p − onehot, divided by the number of rows'({ crossEntropy }) {
      const hint = 'it is (p − onehot(y)) / N · dy: N, because the loss is a mean; dy, by the chain rule';
      expectGradients((x) => crossEntropy(x, classes(1, 0, 3)), [normal(3, 4)], { logits: hint });
    },
  },
} satisfies Check<Answer>;
