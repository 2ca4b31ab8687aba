import { afterEach, describe, expect, test } from 'vitest';
import { GPT, type GPTOptions } from '../../models/gpt.ts';
import { AdamW, decayGroups, warmupCosine } from '../../optimizers/index.ts';
import { backward } from '../../src/autograd/index.ts';
import { backendInUse } from '../../src/kernels/index.ts';
import { type NestedArray, setDefaultDtype, tensor } from '../../src/tensor/index.ts';
import { clipGradNorm } from '../../src/train/index.ts';
import { expectClose, golden } from '../support/golden.ts';

interface Case {
  name: string;
  options: Partial<GPTOptions>;
  parameters: Record<string, NestedArray>;
  tokens: NestedArray;
  targets: NestedArray;
  logits: NestedArray;
  loss: number;
  gradients: Record<string, NestedArray>;
}
interface TrainedCase extends Case {
  trajectory: {
    losses: number[];
    gradientNorms: number[];
    learningRates: number[];
    final: Record<string, NestedArray>;
  };
}
interface Golden {
  size: { vocabSize: number; context: number; layers: number; heads: number; width: number };
  training: {
    peak: number; floor: number; warmup: number; steps: number;
    betas: [number, number]; eps: number; weightDecay: number; clip: number;
  }; // biome-ignore format: two lines read better
  cases: TrainedCase[];
  family: Case[];
}

const { size, training, cases, family } = golden<Golden>('gpt');

function build({ options, parameters, tokens, targets }: Case) {
  const model = new GPT({ ...size, ...options });
  model.loadStateDict(new Map(Object.entries(parameters).map(([name, values]) => [name, tensor(values)])));
  const int = (values: NestedArray) => tensor(values, { dtype: 'int32' });
  return { model, inputs: int(tokens), targets: int(targets) };
}

afterEach(() => setDefaultDtype('float32'));

describe.each([
  ['float64', 1e-9],
  ['float32', 1e-5],
] as const)('GPT in %s equals PyTorch', (dtype, tolerance) => {
  test.each([...cases, ...family])('$name: logits, loss and every gradient', (golden) => {
    setDefaultDtype(dtype);
    const { model, inputs, targets } = build(golden);
    expectClose(model.forward(inputs), golden.logits, tolerance, 'logits');
    const loss = model.loss(inputs, targets);
    backward(loss);
    expectClose(loss.item(), golden.loss, tolerance, 'loss');
    expect(
      model
        .namedParameters()
        .map(([name]) => name)
        .sort(),
    ).toEqual(Object.keys(golden.gradients).sort());
    for (const [name, parameter] of model.namedParameters()) {
      expectClose(parameter.grad!, golden.gradients[name]!, tolerance, name);
    }
  });

  test.each(cases)('$name: ten steps of AdamW with groups, clipping and schedule', (golden) => {
    setDefaultDtype(dtype);
    const { model, inputs, targets } = build(golden);
    const { betas, eps, weightDecay, clip, peak, floor, warmup, steps } = training;
    const optimizer = new AdamW(decayGroups(model, { weightDecay }), { betas, eps, lr: 1 });
    // Adam divides by √v, so the last bits, in which backends differ, grow from step to step.
    const afterTraining = dtype === 'float32' && backendInUse().name !== 'js' ? 1e-4 : tolerance;
    const schedule = warmupCosine({ peak, floor, warmup, steps });
    for (let step = 0; step < steps; step++) {
      optimizer.lr = schedule(step);
      const loss = model.loss(inputs, targets);
      expectClose(loss.item(), golden.trajectory.losses[step]!, tolerance, `loss ${step}`);
      optimizer.zeroGrad();
      backward(loss);
      expectClose(
        clipGradNorm(model.parameters(), clip),
        golden.trajectory.gradientNorms[step]!,
        tolerance,
        `norm ${step}`,
      );
      expectClose(optimizer.lr, golden.trajectory.learningRates[step]!, tolerance, `rate ${step}`);
      optimizer.step();
    }
    for (const [name, parameter] of model.namedParameters()) {
      // A key bias adds the same to all scores of a query, so its gradient is 0 but for rounding, which Adam
      // magnifies.
      if (dtype === 'float32' && name.endsWith('key.bias')) continue;
      expectClose(parameter, golden.trajectory.final[name]!, afterTraining, name);
    }
  });
});
