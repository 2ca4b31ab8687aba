/** The engine on random programs: views, shared results, dead branches, leaves used anywhere. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backward, gradcheck, noGrad } from '../../src/autograd/index.ts';
import * as ops from '../../src/ops/index.ts';
import { manualSeed, randn, type Tensor, tensor } from '../../src/tensor/index.ts';
import { poisonReleased } from '../../src/tensor/storage.ts';

beforeEach(() => poisonReleased(true));
afterEach(() => poisonReleased(false));

/** Every step makes a 3×3 tensor from two earlier ones. */
const steps: ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => ops.add(a, b),
  (a) => ops.add(a, a),
  (a, b) => ops.sub(a, b),
  (a, b) => ops.mul(ops.mul(a, b), 0.3),
  (a) => ops.mul(ops.square(a), 0.2),
  (a) => ops.transpose(a),
  (a, b) => ops.mul(ops.matmul(a, ops.transpose(b)), 0.2),
  (a) => ops.slice(a, { axis: 0, step: -1 }),
  (a, b) => ops.concat([ops.slice(a, { axis: 1, end: 1 }), ops.slice(b, { axis: 1, start: 1 })], 1),
  (a) => ops.broadcastTo(ops.mean(a, 0, { keepDims: true }), [3, 3]),
  (a, b) => ops.add(ops.mul(b, 0.5), ops.add(ops.select(a, 0, 1), ops.sum(ops.mul(a, 0.1)))),
  (a) => ops.add(ops.mul(ops.greater(a, 0), a), ops.select(a, 1, 0)),
  (a) => ops.exp(ops.mul(ops.clamp(a, { min: -2, max: 2 }), 0.3)),
  (a) => ops.reshape(ops.transpose(ops.reshape(a, [9, 1])), [3, 3]),
  (a, b) => ops.stack([ops.select(a, 0, 2), ops.select(b, 0, 0), ops.select(a, 0, 2)]),
  (a) => ops.clone(a),
  (a) => ops.cumsum(ops.mul(a, 0.5), 1),
  (a, b) => ops.where(tensor([1, 0, 1]), a, b),
];

const index = fc.nat(1000);
const programs = fc.array(fc.tuple(fc.nat(steps.length - 1), index, index), { minLength: 1, maxLength: 14 });

type Program = (leaves: readonly Tensor[]) => Tensor[];

const run =
  (program: [number, number, number][]): Program =>
  (leaves) => {
    const values = [...leaves];
    for (const [step, i, j] of program) {
      // Late results are taken more often, so that programs grow deep as well as wide.
      const pick = (k: number) => values[Math.max(k % values.length, (k >> 3) % values.length)]!;
      values.push(ops.clamp(steps[step]!(pick(i), pick(j)), { min: -3, max: 3 }));
    }
    return values;
  };

const lossOf = (values: readonly Tensor[]) => ops.sum(ops.mul(values.at(-1)!, values.at(-1)!));

test('gradients are right', () => {
  fc.assert(
    fc.property(programs, fc.nat(), (program, seed) => {
      manualSeed(seed);
      const leaves = [randn([3, 3], { dtype: 'float64' }), randn([3, 3], { dtype: 'float64' })];
      gradcheck((...inputs) => lossOf(run(program)(inputs)), leaves, { atol: 1e-4 });
    }),
    { numRuns: 150 },
  );
});

test('the same bits with a retained graph, with retained gradients, and after memory was recycled', () => {
  fc.assert(
    fc.property(programs, fc.nat(), (program, seed) => {
      manualSeed(seed);
      const leaves = [0, 1].map(() => randn([3, 3], { requiresGrad: true }));
      const gradients = (keep: boolean, retain: boolean) => {
        for (const leaf of leaves) leaf.zeroGrad();
        const values = run(program)(leaves);
        if (keep) for (const value of values) value.keepsGrad = true;
        const loss = lossOf(values);
        backward(loss, undefined, { retainGraph: retain });
        if (retain) {
          for (const leaf of leaves) leaf.zeroGrad();
          backward(loss);
        }
        return leaves.map((leaf) => leaf.grad?.toArray() ?? null);
      };
      const plain = gradients(false, false);
      expect(gradients(true, false)).toEqual(plain);
      expect(gradients(false, true)).toEqual(plain);
      noGrad(() => {
        run(program)(leaves);
      });
      expect(gradients(false, false)).toEqual(plain);
    }),
    { numRuns: 150 },
  );
});
