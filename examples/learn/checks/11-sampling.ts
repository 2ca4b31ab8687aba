import { type FloatArray, randomStream } from 'scratchformer';
import { sampleIndex, tokenDistribution } from 'scratchformer/generation';
import type { Options } from '../blanks/11-sampling.ts';
import type { Check } from '../support/check.ts';
import { expectNumbers } from '../support/compare.ts';

interface Answer {
  tokenDistribution(logits: FloatArray, options: Options): Float64Array;
  sampleIndex(probabilities: Float64Array, random: () => number): number;
}

/** Logits of the probabilities 0.4, 0.1, 0.3, 0.2. They need not be log p: one number may be added to all. */
const logits = Float64Array.from([0.4, 0.1, 0.3, 0.2], (p) => Math.log(p) + 5);
const all = { temperature: 1, topK: Number.POSITIVE_INFINITY, topP: 1 };

export default {
  shipped: { tokenDistribution, sampleIndex },
  steps: {
    'at temperature 1 it is the softmax'({ tokenDistribution }) {
      const got = tokenDistribution(logits, all);
      expectNumbers('the distribution', got, [0.4, 0.1, 0.3, 0.2], 'exp of each logit, divided by their sum');
      const large = tokenDistribution(Float64Array.of(1000, 1000), all);
      expectNumbers('of logits 1000 and 1000', large, [0.5, 0.5], 'subtract the greatest logit before exp');
    },
    'the temperature divides the logits'({ tokenDistribution }) {
      const got = tokenDistribution(logits, { ...all, temperature: 0.5 });
      const hint = 'at 0.5 each probability is squared (and all divided by their sum): the likely gain';
      expectNumbers('at temperature 0.5', got, [16 / 30, 1 / 30, 9 / 30, 4 / 30], hint);
    },
    'top-k keeps the k most probable'({ tokenDistribution }) {
      const got = tokenDistribution(logits, { ...all, topK: 2 });
      expectNumbers('with topK 2', got, [4 / 7, 0, 3 / 7, 0], 'what remains is divided by its sum again');
    },
    'top-p keeps the smallest set that reaches p'({ tokenDistribution }) {
      const hint = 'the token that reaches p stays: add up from the most probable, and cut after it';
      expectNumbers(
        'with topP 0.6',
        tokenDistribution(logits, { ...all, topP: 0.6 }),
        [4 / 7, 0, 3 / 7, 0],
        hint,
      );
      expectNumbers('with topP 0.1', tokenDistribution(logits, { ...all, topP: 0.1 }), [1, 0, 0, 0], hint);
      const both = tokenDistribution(logits, { ...all, topK: 2, topP: 0.55 });
      expectNumbers(
        'with topK 2 and topP 0.55',
        both,
        [1, 0, 0, 0],
        'top-p counts shares of what top-k left: 4/7 is 0.571',
      );
    },
    'draws come as often as their probabilities say'({ sampleIndex }) {
      const random = randomStream('draws');
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < 20_000; i++) counts[sampleIndex(Float64Array.of(0.5, 0, 0.2, 0.3), random)]!++;
      const hint = 'take one random number, subtract one probability after the other, stop below 0';
      expectNumbers(
        'the shares of 20,000 draws',
        counts.map((count) => count / 20_000),
        [0.5, 0, 0.2, 0.3],
        hint,
        0.02,
      );
    },
  },
} satisfies Check<Answer>;
