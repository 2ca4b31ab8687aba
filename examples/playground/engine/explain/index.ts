/** Explains any number of a picture: a value by the call that made it, a gradient by the calls that used it. */
import { activationByName } from 'scratchformer';
import { curveAt } from '../bench.ts';
import { type Picture, tensorOf } from '../picture.ts';
import * as additions from './additions.ts';
import { attention, explainWeight, explainWeightGradient } from './attention.ts';
import {
  type Explainer,
  type Explanation,
  gradientAt,
  type Place,
  sceneOf,
  sumOf,
  valueAt,
} from './explanation.ts';
import { linear } from './linear.ts';
import { crossEntropy } from './loss.ts';
import * as moves from './moves.ts';
import * as norms from './norms.ts';
import { rotary } from './rotary.ts';

export type { Explanation, Factor, Place, Term } from './explanation.ts';

const explainers: Readonly<Record<string, Explainer>> = {
  ...additions,
  ...moves,
  ...norms,
  attention,
  crossEntropy,
  linear,
  rotary,
};

/** Any other op of a picture is an activation: y = f(x), number by number. */
function activation(name: string): Explainer {
  const f = activationByName(name === 'geluSigmoid' ? 'gelu' : name);
  return {
    forward({ inputs: [x] }, index) {
      const at = valueAt('x', x!, index);
      return { formula: `y = ${name}(x)`, terms: [[at]], others: [], result: curveAt(f, at.value).y };
    },
    backward({ inputs: [x], output }, _, index) {
      const slope = { label: `${name}′(x)`, value: curveAt(f, x!.values[index]!).slope };
      return sumOf(
        `dx = dy·${name}′(x)`,
        [[gradientAt('dy', output, index), slope]],
        [valueAt('x', x!, index)],
      );
    },
  };
}

const explainerOf = (op: string) => explainers[op] ?? activation(op);

/** Where a number comes from; null for a parameter or for data, which were there before. */
export function explain(picture: Picture, { tensor, index, gradient }: Place): Explanation | null {
  const { madeBy, kind, summands } = tensorOf(picture, tensor);
  if (kind === 'attention weights') {
    const scene = sceneOf(picture, picture.calls[madeBy!]!);
    return gradient ? explainWeightGradient(scene, index) : explainWeight(scene, index);
  }
  if (gradient) {
    if (summands.length === 0)
      return madeBy === picture.calls.length - 1
        ? sumOf('dL/dL = 1', [[{ label: 'the loss itself', value: 1 }]])
        : null;
    const terms = summands.map(({ call, values }) => {
      const { op, layer } = picture.calls[call]!;
      return [{ label: `from ${op} in ${layer || 'the model'}`, value: values[index]! }];
    });
    return sumOf(terms.length > 1 ? 'Σ over the calls that used it' : 'from the call that used it', terms);
  }
  if (madeBy === null) return null;
  const call = picture.calls[madeBy]!;
  return explainerOf(call.op).forward(sceneOf(picture, call), index);
}

/** What one use of a tensor hands back to its gradient at an index. */
export function explainSummand(
  picture: Picture,
  tensor: number,
  use: number,
  index: number,
): Explanation | null {
  const { call, input } = tensorOf(picture, tensor).summands[use]!;
  const used = picture.calls[call]!;
  return explainerOf(used.op).backward?.(sceneOf(picture, used), input, index) ?? null;
}
