/**
 * Every update rule against recorded trajectories of PyTorch (and of BERT's published update); see
 * test/golden/optimizers.py.
 */
import { describe, expect, test } from 'vitest';
import { Adam, AdamW, bertSchedule, type Optimizer, SGD } from '../../optimizers/index.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { type DType, Tensor, tensor } from '../../src/tensor/index.ts';
import { clipGradNorm } from '../../src/train/clip.ts';
import { golden } from '../support/golden.ts';

type Values = (number[] | null)[];
interface Case {
  kind: 'SGD' | 'Adam' | 'AdamW';
  options: object;
  groups: object[];
  start: number[][];
  gradients: Values[];
  float32: number[][][];
  float64: number[][][];
}
interface BertCase {
  clip: number | null;
  start: number[][];
  gradients: number[][][];
  trajectory: number[][][];
}
const recorded = golden<{ torch: Case[]; bert: BertCase[] }>('optimizers');

const shapes = [[3, 4], [4]];
const kinds = { SGD, Adam, AdamW };

function makeParameters(start: number[][], dtype: DType): Parameter[] {
  return start.map((values, i) => {
    const flat = tensor(values, { dtype });
    return new Parameter(Tensor.over(flat.data, shapes[i]!), { role: 'weight' });
  });
}

function setGradients(parameters: Parameter[], gradients: Values): void {
  for (const [i, parameter] of parameters.entries()) {
    const values = gradients[i];
    parameter.grad = values
      ? Tensor.over(tensor(values, { dtype: parameter.dtype }).data, parameter.shape)
      : null;
  }
}

function expectClose(parameters: Parameter[], expected: number[][], tolerance: number, what: string): void {
  const got = parameters.flatMap((parameter) => [...parameter.data]);
  const error = Math.max(
    ...expected.flat().map((value, i) => Math.abs(got[i]! - value) / Math.max(1, Math.abs(value))),
  );
  expect(error, what).toBeLessThan(tolerance);
}

describe.each(recorded.torch)(
  '$kind $options, groups $groups',
  ({ kind, options, groups, start, gradients, ...trajectory }) => {
    test.each([
      ['float64', 1e-12],
      ['float32', 1e-6],
    ] as const)('ten steps equal PyTorch in %s', (dtype, tolerance) => {
      const parameters = makeParameters(start, dtype);
      const optimizer: Optimizer<object, string> = new kinds[kind](
        parameters.map((parameter, i) => ({ params: [parameter], ...groups[i] })),
        options,
      );
      for (const [step, expected] of trajectory[dtype].entries()) {
        setGradients(parameters, gradients[step]!);
        optimizer.step();
        expectClose(parameters, expected, tolerance, `step ${step}`);
      }
    });
  },
);

test.each(recorded.bert)("BERT's optimizer, clipping at $clip", ({ clip, start, gradients, trajectory }) => {
  const parameters = makeParameters(start, 'float64');
  const [decayed, exempt] = parameters as [Parameter, Parameter];
  const optimizer = new AdamW(
    [
      { params: [decayed], weightDecay: 0.01 },
      { params: [exempt], weightDecay: 0 },
    ],
    { eps: 1e-6, biasCorrection: false },
  );
  const schedule = bertSchedule({ peak: 0.01, warmup: 2, steps: 8 });
  for (const [step, expected] of trajectory.entries()) {
    optimizer.lr = schedule(step);
    setGradients(parameters, gradients[step]!);
    if (clip !== null) clipGradNorm(parameters, clip);
    optimizer.step();
    // TensorFlow clips by maxNorm/‖g‖, PyTorch (and we) by maxNorm/(‖g‖ + 1e-6).
    expectClose(parameters, expected, clip === null ? 1e-14 : 1e-8, `step ${step}`);
  }
});
