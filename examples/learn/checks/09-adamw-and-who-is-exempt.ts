import { check, Parameter, tensor } from 'scratchformer';
import { GPT } from 'scratchformer/models';
import { AdamW, type AdamWOptions, decayGroups, type ParametersOrGroups } from 'scratchformer/optimizers';
import optimizers from '../../../test/golden/optimizers.json' with { type: 'json' };
import type { Check } from '../support/check.ts';
import { expectNumbers } from '../support/compare.ts';

type Options = Omit<AdamWOptions, 'biasCorrection'>;

interface Answer {
  AdamW: new (params: ParametersOrGroups<Options>, options: Options) => { step(): void };
  decays(parameter: Parameter): boolean;
}

const one = (value: number) => new Parameter(tensor([value], { dtype: 'float64' }), { role: 'weight' });

/** The weight after steps with these gradients, one each. */
function after(gradients: readonly number[], { AdamW }: Answer, options: Options, start = 1): number {
  const w = one(start);
  const optimizer = new AdamW([w], options);
  for (const gradient of gradients) {
    w.grad = tensor([gradient], { dtype: 'float64' });
    optimizer.step();
  }
  return w.data[0]!;
}

interface Recorded {
  readonly kind: string;
  readonly options: Options;
  readonly groups: readonly Options[];
  readonly start: number[][];
  readonly gradients: (number[] | null)[][];
  readonly float64: number[][][];
}

/** Each way that PyTorch went with AdamW. */
const recorded = (optimizers.torch as unknown as Recorded[]).filter(({ kind }) => kind === 'AdamW');

export default {
  shipped: {
    AdamW,
    decays: (parameter) =>
      decayGroups({ namedParameters: () => [['w', parameter]] }, { weightDecay: 1 })[0]!.params.length > 0,
  },
  steps: {
    'the first step is lr long, whatever the gradient'(answer) {
      const hint = 'm̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ) with t = 1 at the first step: then m̂/√v̂ is 1';
      for (const g of [0.001, 5, 4000])
        expectNumbers(
          `w after one step with gradient ${g}`,
          after([g], answer, { lr: 0.1, weightDecay: 0 }),
          [0.9],
          hint,
          1e-4,
        );
    },
    'decay shrinks a weight by lr·λ, whatever the gradient'(answer) {
      const settings = { lr: 0.1, weightDecay: 0.5 };
      const hint =
        'the decay is not a part of g, or Adam would divide it by the size of g: w loses lr·λ·w directly';
      for (const g of [0.001, 4000]) {
        const without = after([g], answer, { ...settings, weightDecay: 0 }, 2);
        expectNumbers(
          `what decay takes off a weight of 2 with gradient ${g}`,
          without - after([g], answer, settings, 2),
          [0.1],
          hint,
          1e-6,
        );
      }
    },
    "every weight goes where PyTorch's goes"({ AdamW }) {
      for (const { options, groups, start, gradients, float64 } of recorded) {
        const params = start.map(
          (values) => new Parameter(tensor(values, { dtype: 'float64' }), { role: 'weight' }),
        );
        const optimizer = new AdamW(
          params.map((parameter, i) => ({ params: [parameter], ...groups[i]! })),
          options,
        );
        gradients.forEach((step, t) => {
          params.forEach((parameter, i) => {
            parameter.grad = step[i] ? tensor(step[i], { dtype: 'float64' }) : null;
          });
          optimizer.step();
          params.forEach((parameter, i) => {
            const where = `w after step ${t + 1} (options ${JSON.stringify({ ...options, ...groups[i] })})`;
            expectNumbers(
              where,
              parameter.data,
              float64[t]![i]!,
              'ε stands outside the root, √v̂ + ε; each group has options of its own',
              1e-9,
            );
          });
        });
      }
    },
    'biases and the gains of norms do not decay, the rest of a GPT does'({ decays }) {
      const model = new GPT({ vocabSize: 5, context: 4, layers: 1, heads: 1, width: 4, bias: true });
      for (const [name, parameter] of model.namedParameters()) {
        const exempt = parameter.role === 'bias' || parameter.role === 'gain';
        const got = decays(parameter);
        const why = exempt
          ? 'a bias only shifts, and a gain of 0 switches its feature off'
          : 'this is a matrix that decides how strongly a layer answers';
        check(
          got === !exempt,
          `decays of ${name}`,
          `a parameter with the role ${parameter.role} ${exempt ? 'is exempt' : 'decays'}`,
          () => `${got}`,
          () => why,
        );
      }
    },
  },
} satisfies Check<Answer>;
