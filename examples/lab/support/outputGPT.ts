/** A language model whose last layer is a softmax, or a sigmoid for each token. */
import { add, crossEntropy, full, logSoftmax, mul, neg, softplus, Tensor } from 'scratchformer';
import type { KeyValueCache } from 'scratchformer/generation';
import { GPT, type GPTOptions } from 'scratchformer/models';
import { Parameter } from 'scratchformer/nn';
import { binaryCrossEntropyWithLogits } from 'scratchformer/ops';

export const outputs = ['softmax', 'sigmoid'] as const;
export type Output = (typeof outputs)[number];

/** A GPT whose forward gives logarithms of probabilities, by softmax or by a sigmoid for each token. */
export class OutputGPT extends GPT {
  readonly output: Output;
  readonly base: Parameter;

  constructor(output: Output, options: GPTOptions) {
    super(options);
    this.output = output;
    // sigmoids, too, begin with probabilities near 1/V
    const start = output === 'sigmoid' ? -Math.log(options.vocabSize - 1) : 0;
    this.base = new Parameter(full([options.vocabSize], start), { role: 'bias' });
  }

  override forward(tokens: Tensor, caches?: readonly KeyValueCache[]): Tensor {
    const scores = add(super.forward(tokens, caches), this.base);
    return this.output === 'softmax' ? logSoftmax(scores) : neg(softplus(neg(scores)));
  }

  /** Nats per token: cross entropy, or the sum of the V binary cross entropies. */
  override loss(tokens: Tensor, targets: Tensor): Tensor {
    const scores = add(super.forward(tokens), this.base);
    if (this.output === 'softmax') return crossEntropy(scores, targets);
    const V = this.options.vocabSize;
    const right = new Float32Array(scores.size);
    for (const [i, target] of targets.toTypedArray().entries()) right[i * V + target] = 1;
    return mul(binaryCrossEntropyWithLogits(scores, Tensor.over(right, scores.shape)), V);
  }
}
