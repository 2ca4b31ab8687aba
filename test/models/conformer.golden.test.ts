import { afterEach, describe, expect, test } from 'vitest';
import { Conformer } from '../../models/conformer.ts';
import { backward } from '../../src/autograd/index.ts';
import { ConformerBlock, type Module } from '../../src/nn/index.ts';
import { equal, expandDims, mul, sum } from '../../src/ops/index.ts';
import { type NestedArray, setDefaultDtype, Tensor, tensor } from '../../src/tensor/index.ts';
import { expectClose, golden } from '../support/golden.ts';

type Named = Record<string, NestedArray>;
interface Case {
  mode: 'train' | 'eval';
  lengths: number[] | null;
  gradients: Named;
  /** Running statistics afterwards. */
  statistics: Named;
}
interface Golden {
  size: { width: number; heads: number; hidden: number; kernel: number };
  model: { vocabSize: number; mels: number; layers: number; channels: number; dropout: number };
  blocks: {
    name: string; parameters: Named; statistics: Named; x: NestedArray;
    cases: (Case & { y: NestedArray; dy: NestedArray; dx: NestedArray })[];
  }[];
  ctc: {
    features: NestedArray; targets: number[][]; parameters: Named; statistics: Named;
    cases: (Case & { frames: number[]; logProbabilities: NestedArray; loss: number })[];
  };
} // biome-ignore format: lines of what belongs together

const { size, model, blocks, ctc } = golden<Golden>('conformer');

/** The mask of the padding behind sequences of these lengths, of (B, T). */
function maskOf(lengths: readonly number[], T: number): Tensor {
  const mask = lengths.flatMap((length) => Array.from({ length: T }, (_, t) => Number(t >= length)));
  return Tensor.over(Int32Array.from(mask), [lengths.length, T]);
}
const realOf = (y: Tensor, lengths: readonly number[]) =>
  mul(y, equal(expandDims(maskOf(lengths, y.shape[1]!), 2), 0));

function load<M extends Module>(
  module: M,
  { parameters, statistics }: { parameters: Named; statistics: Named },
): M {
  const values = Object.entries({ ...parameters, ...statistics });
  module.loadStateDict(new Map(values.map(([name, value]) => [name, tensor(value)])));
  return module;
}

function expectAll(module: Module, { gradients, statistics }: Case, tolerance: number): void {
  expect(module.namedParameters().map(([name]) => name).sort()).toEqual(Object.keys(gradients).sort()); // biome-ignore format: one line
  for (const [name, parameter] of module.namedParameters())
    expectClose(parameter.grad!, gradients[name]!, tolerance, `gradient of ${name}`);
  for (const [name, buffer] of module.namedBuffers()) expectClose(buffer, statistics[name]!, tolerance, name);
}

const label = ({ mode, lengths }: Case) => `${mode}, ${lengths ? 'several lengths' : 'no padding'}`;

afterEach(() => setDefaultDtype('float32'));

describe.each([
  ['float64', 1e-9],
  ['float32', 1e-5],
] as const)('in %s', (dtype, tolerance) => {
  describe.each(blocks)('a block equals that of $name', (one) => {
    test.each(one.cases.map((golden) => [label(golden), golden] as const))('%s', (_, golden) => {
      setDefaultDtype(dtype);
      const bias = { convolutionBias: one.name === 'Parakeet' };
      const block = load(
        new ConformerBlock(size.width, {
          heads: size.heads,
          hidden: size.hidden,
          kernel: size.kernel,
          ...bias,
        }),
        one,
      );
      block.train(golden.mode === 'train');
      const x = tensor(one.x, { requiresGrad: true });
      const keyPaddingMask = golden.lengths ? maskOf(golden.lengths, x.shape[1]!) : undefined;
      const y = block.forward(x, { keyPaddingMask });
      expectClose(golden.lengths ? realOf(y, golden.lengths) : y, golden.y, tolerance, 'output');
      backward(sum(mul(y, tensor(golden.dy))));
      expectClose(x.grad!, golden.dx, tolerance, 'gradient of the input');
      expectAll(block, golden, tolerance);
    });
  });

  describe('the model equals ParakeetForCTC', () => {
    test.each(ctc.cases.map((golden) => [label(golden), golden] as const))('%s', (_, golden) => {
      setDefaultDtype(dtype);
      const { width, heads, hidden, kernel } = size;
      const conformer = load(new Conformer({ ...model, width, heads, hidden, kernel }), ctc);
      conformer.train(golden.mode === 'train');
      const batch = { features: tensor(ctc.features), frames: golden.lengths ?? undefined };
      const loss = conformer.loss(batch, ctc.targets);
      expectClose(loss.item(), golden.loss, tolerance, 'loss');
      backward(loss);
      expectAll(conformer, golden, tolerance);
      const { logProbabilities, frames } = load(conformer, ctc).forward(batch);
      expect(frames).toEqual(golden.frames);
      expectClose(realOf(logProbabilities, frames), golden.logProbabilities, tolerance, 'log probabilities');
    });
  });
});
