import { check, layerNorm, type Tensor } from 'scratchformer';
import { show } from 'scratchformer/tensor';
import type { Check } from '../support/check.ts';
import { expectGradients, normal } from '../support/compare.ts';

interface Answer {
  layerNorm(x: Tensor, gain: Tensor, bias: Tensor): Tensor;
}

const inputs = () => [normal(3, 4), normal(4), normal(4)] as const;

export default {
  shipped: { layerNorm: (x, gain, bias) => layerNorm(x, gain, bias) },
  steps: {
    'the gradient of bias is right'({ layerNorm }) {
      const [x, gain, bias] = inputs();
      expectGradients((b) => layerNorm(x, gain, b), [bias], { bias: 'it is the sum of dy over the rows' });
    },
    'the gradient of gain is right'({ layerNorm }) {
      const [x, gain, bias] = inputs();
      const hint = 'it is the sum of dy ⊙ x̂ over the rows: the gain multiplies x̂, not x';
      expectGradients((g) => layerNorm(x, g, bias), [gain], { gain: hint });
    },
    'a row cannot be moved as a whole'({ layerNorm }) {
      const [x, gain, bias] = inputs();
      x.requiresGrad = true;
      layerNorm(x, gain, bias).backward(normal(3, 4));
      const sums = x.grad?.sum(-1).toTypedArray() ?? [Number.NaN];
      check(
        sums.every((sum) => Math.abs(sum) < 1e-9),
        'the gradient of x',
        'each row of it sums to 0, because adding a number to a whole row of x changes nothing',
        () => `sums up to ${Math.max(...sums.map(Math.abs)).toPrecision(3)} in ${show(x.shape)}`,
        () => 'the way through μ is missing: − mean(g), with g = dy ⊙ gain',
      );
    },
    'the gradient of x is right'({ layerNorm }) {
      const hint = 'three ways lead to x: r·(g − mean(g) − x̂·mean(g ⊙ x̂)), with g = dy ⊙ gain';
      const [x, gain, bias] = inputs();
      expectGradients((input) => layerNorm(input, gain, bias), [x], { x: hint });
    },
  },
} satisfies Check<Answer>;
