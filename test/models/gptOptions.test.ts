/** Options of small models of today: windows, parallel branches, zeros where branches end, capped logits. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { GPT, type GPTOptions } from '../../models/gpt.ts';
import { SGD } from '../../optimizers/index.ts';
import { backward, noGrad } from '../../src/autograd/index.ts';
import { DecoderBlock, TransformerBlock } from '../../src/nn/index.ts';
import { add, linear } from '../../src/ops/index.ts';
import { manualSeed, type Tensor, tensor } from '../../src/tensor/index.ts';

beforeEach(() => manualSeed(2));

const size = { vocabSize: 12, context: 8, layers: 2, heads: 2, width: 16, initStd: 0.4 };
const ids = (...rows: number[][]) => tensor(rows, { dtype: 'int32' });
const tokens = [3, 1, 4, 1, 5, 9, 2, 6];
const make = (options: Partial<GPTOptions>) => {
  manualSeed(2);
  return new GPT({ ...size, ...options });
};
/** One list of logits for each position. */
const logits = (model: GPT, row = tokens) =>
  (noGrad(() => model.forward(ids(row))).toArray() as number[][][])[0]!;

describe('a window', () => {
  const window = fc.integer({ min: 1, max: 7 });
  const positions = fc.constantFrom('learned', 'rotary', 'alibi');

  test('as long as the context changes no bit; a shorter one does', () => {
    for (const positions of ['learned', 'rotary', 'alibi'] as const) {
      const full = logits(make({ positions }));
      expect(logits(make({ positions, window: 8 }))).toEqual(full);
      expect(logits(make({ positions, window: 7 })).slice(0, 7)).toEqual(full.slice(0, 7));
      expect(logits(make({ positions, window: 7 }))[7]).not.toEqual(full[7]);
    }
  });

  test('ends what a position sees: L·(window − 1) back, and no farther', () => {
    fc.assert(
      fc.property(window, positions, fc.nat({ max: 7 }), (window, positions, at) => {
        const model = make({ window, positions });
        const [one, other] = [logits(model), logits(model, tokens.with(at, 0))];
        for (const t of tokens.keys()) {
          const sees = at <= t && t - at <= 2 * (window - 1);
          expect(one[t]!.join() !== other[t]!.join(), `${t} sees ${at} with ${window}`).toBe(sees);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('in a decoder is that of the text: all of the memory stays in sight', () => {
    const block = new DecoderBlock(4, { heads: 1, window: 1 });
    expect([block.selfAttention.window, block.crossAttention.window]).toEqual([1, undefined]);
  });
});

describe('zeros where branches end', () => {
  test('make every block the identity at the start, which then learns', () => {
    const model = make({ outputInit: 'zeros', positions: 'rotary' });
    const x = model.tokens.forward(ids(tokens));
    const expected = noGrad(() => linear(model.norm!.forward(x), model.tokens.weight).toTypedArray());
    expect(noGrad(() => model.forward(ids(tokens)).toTypedArray())).toEqual(expected);
    const still = () =>
      model.namedParameters().flatMap(([name, { grad }]) => (grad!.data.some((g) => g !== 0) ? [] : [name]));
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    for (const expected of [/norm[12]|query|key|value|expand/, /^$/]) {
      optimizer.zeroGrad();
      backward(model.loss(ids(tokens), ids([...tokens.slice(1), 0])));
      expect(still().filter((name) => !expected.test(name))).toEqual([]);
      optimizer.step();
    }
  });

  test('leave the embeddings, which are drawn before, as they are', () => {
    const [one, other] = [make({}), make({ outputInit: 'zeros', layers: 1 })];
    for (const [name, values] of other.stateDict()) {
      if (!/norm|blocks/.test(name)) expect(values.toArray()).toEqual(one.stateDict().get(name)!.toArray());
      if (/output|contract/.test(name)) expect(values.data.every((value: number) => value === 0)).toBe(true);
    }
  });
});

test('parallel branches read one norm, and add up', () => {
  const block = new TransformerBlock(8, { heads: 2, parallel: true });
  expect(block.namedParameters().some(([name]) => name.startsWith('norm2'))).toBe(false);
  const x = tensor([[[1, 2, 3, 4, 5, 6, 7, 9], [3, 1, 4, 1, 5, 9, 2, 6]]]); // biome-ignore format: rows
  const read = block.norm1.forward(x);
  const sum = (...terms: Tensor[]) => terms.reduce((all, term) => add(all, term)).toArray();
  expect(block.forward(x).toArray()).toEqual(
    sum(x, block.attention.forward(read), block.feedForward.forward(read)),
  );
});

test('capped logits keep the order of the tokens, and their bound', () => {
  const [free, capped] = [logits(make({ initStd: 1 })), logits(make({ initStd: 1, logitCap: 5 }))];
  for (const [t, row] of capped.entries()) {
    expect(Math.max(...row.map(Math.abs))).toBeLessThan(5);
    for (const [i, logit] of row.entries()) expect(logit).toBeCloseTo(5 * Math.tanh(free[t]![i]! / 5), 4);
  }
});

test.each<[string, () => unknown, string]>([
  ['a window of 0', () => make({ window: 0 }), 'MultiHeadAttention: window is a whole number ≥ 1. got 0.'],
  ['half a window', () => make({ window: 1.5 }), 'window is a whole number ≥ 1. got 1.5.'],
  ['a cap of 0', () => make({ logitCap: 0 }), 'GPT: logitCap is a finite number > 0. got 0.'],
  ['an unknown start', () => make({ outputInit: 'zero' as 'zeros' }), 'GPT: outputInit is known. got "zero". did you mean "zeros"?'],
  ['parallel that is no boolean', () => make({ parallel: 1 as never }), 'GPT: parallel is a boolean. got 1.'],
  ['parallel branches before their norm', () => make({ parallel: true, normPosition: 'post' }), 'TransformerBlock: parallel branches have their norm before them. got normPosition "post".'],
  ['a parallel decoder', () => new DecoderBlock(4, { heads: 1, parallel: true } as never), 'DecoderBlock: every option is known. got "parallel". its branches follow one another.'],
])('refuses %s', (_, use, message) => {
  expect(use).toThrow(message);
}); // biome-ignore format: a table
