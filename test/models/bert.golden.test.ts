import { afterEach, describe, expect, test } from 'vitest';
import { BERT, predicted } from '../../models/bert.ts';
import { AdamW, bertSchedule, decayGroupsByName } from '../../optimizers/index.ts';
import { backward } from '../../src/autograd/index.ts';
import { backendInUse } from '../../src/kernels/index.ts';
import { crossEntropy, gelu, geluTanh } from '../../src/ops/index.ts';
import { type NestedArray, setDefaultDtype, tensor } from '../../src/tensor/index.ts';
import { clipGradNorm } from '../../src/train/index.ts';
import { expectClose, golden } from '../support/golden.ts';

interface Case {
  name: string;
  approximate: 'tanh' | 'none';
  parameters: Record<string, NestedArray>;
  batch: Record<'tokens' | 'segments' | 'keyPaddingMask' | 'targets' | 'isNext', NestedArray>;
  losses: { words: number; isNext: number };
  gradients: Record<string, NestedArray>;
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
    peak: number; warmup: number; steps: number;
    betas: [number, number]; eps: number; weightDecay: number; clip: number;
  }; // biome-ignore format: two lines read better
  cases: Case[];
}

const { size, training, cases } = golden<Golden>('bert');

function build({ approximate, parameters, batch }: Case) {
  const model = new BERT({ ...size, dropout: 0, activation: approximate === 'tanh' ? geluTanh : gelu });
  model.loadStateDict(new Map(Object.entries(parameters).map(([name, values]) => [name, tensor(values)])));
  const int = (name: keyof Case['batch']) => tensor(batch[name], { dtype: 'int32' });
  return {
    model,
    inputs: { tokens: int('tokens'), segments: int('segments'), keyPaddingMask: int('keyPaddingMask') },
    targets: { tokens: int('targets'), isNext: int('isNext') },
  };
}

afterEach(() => setDefaultDtype('float32'));

describe.each([
  ['float64', 1e-9],
  ['float32', 1e-5],
] as const)('BERT in %s equals PyTorch', (dtype, tolerance) => {
  test.each(cases)('$name: both losses and every gradient', (golden) => {
    setDefaultDtype(dtype);
    const { model, inputs, targets } = build(golden);
    const { positions, words } = predicted(targets.tokens);
    const scores = model.forward(inputs, positions);
    expectClose(crossEntropy(scores.words, words).item(), golden.losses.words, tolerance, 'masked words');
    expectClose(
      crossEntropy(scores.isNext, targets.isNext).item(),
      golden.losses.isNext,
      tolerance,
      'next sentence',
    );
    const loss = model.loss(inputs, targets);
    backward(loss);
    expectClose(loss.item(), golden.losses.words + golden.losses.isNext, tolerance, 'loss');
    const names = model.namedParameters().map(([name]) => name);
    expect(names.sort()).toEqual(Object.keys(golden.gradients).sort());
    for (const [name, parameter] of model.namedParameters()) {
      expectClose(parameter.grad!, golden.gradients[name]!, tolerance, name);
    }
  });

  test.each(cases)('$name: five steps of BERT’s optimizer', (golden) => {
    setDefaultDtype(dtype);
    const { model, inputs, targets } = build(golden);
    const { betas, eps, weightDecay, clip, peak, warmup, steps } = training;
    const groups = decayGroupsByName(model, { weightDecay });
    const optimizer = new AdamW(groups, { betas, eps, biasCorrection: false });
    // Adam divides by √v, so the last bits, in which backends differ, grow from step to step.
    const afterTraining = dtype === 'float32' && backendInUse().name !== 'js' ? 1e-4 : tolerance;
    const schedule = bertSchedule({ peak, warmup, steps });
    for (let step = 0; step < steps; step++) {
      optimizer.lr = schedule(step);
      const loss = model.loss(inputs, targets);
      optimizer.zeroGrad();
      backward(loss);
      const norm = clipGradNorm(model.parameters(), clip);
      const expected = golden.trajectory;
      expectClose(loss.item(), expected.losses[step]!, tolerance, `loss ${step}`);
      expectClose(norm, expected.gradientNorms[step]!, tolerance, `norm ${step}`);
      expectClose(optimizer.lr, expected.learningRates[step]!, tolerance, `rate ${step}`);
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
