/**
 * Proof that a backward is the derivative of its forward: central differences in float64,
 *   ∂f/∂x ≈ (f(x + εu) − f(x − εu)) / 2ε,
 * compared with what backward says. Small problems compare the whole Jacobian, large ones a random upstream
 * gradient against a random direction of each input, like `check_grads` of HIPS/autograd and JAX.
 */
import {
  check,
  checkFinite,
  checkFunctions,
  display,
  fail,
  normalSample,
  type RandomStream,
  randomStream,
  Tensor,
  withDefaults,
} from '../tensor/index.ts';
import { backward } from './backward.ts';
import { noGrad } from './mode.ts';

/** The options of `gradcheckModule`, and of `gradcheck` among others. */
export interface DifferenceOptions {
  /** Step of the central difference. Default 1e-6. */
  readonly eps?: number;
  /** |got − expected| ≤ atol + rtol·|expected|. Defaults 1e-5 and 1e-3, PyTorch's. */
  readonly atol?: number;
  readonly rtol?: number;
}

/** The options of `gradcheck`. */
export interface GradcheckOptions extends DifferenceOptions {
  /** The whole Jacobian is compared up to this many entries. Default 4096. */
  readonly maxJacobian?: number;
}

type Differentiable = (...inputs: Tensor[]) => Tensor;

/** A function that these inputs can be given to. In a list of unknown length there may be enough of them. */
type FunctionOf<Inputs extends Tensor[]> = number extends Inputs['length']
  ? Differentiable
  : (...inputs: Inputs) => Tensor;

/**
 * Throws unless the gradients of `f` at `inputs` are right. The message names op, input, index, got and
 * expected.
 *
 * @param inputs float64 tensors are checked; integer ones are handed through.
 */
export function gradcheck<Inputs extends Tensor[]>(
  f: FunctionOf<NoInfer<Inputs>>,
  inputs: readonly [...Inputs],
  options: GradcheckOptions = {},
): void {
  const defaults = { ...differenceDefaults, maxJacobian: 4096 };
  const settings = withDefaults<Required<GradcheckOptions>>('gradcheck', options, defaults);
  checkDifferenceOptions('gradcheck', settings);
  checkFunctions('gradcheck', { 'the first argument': f });
  check(
    Array.isArray(inputs),
    'gradcheck',
    'inputs are a list',
    () => display(inputs),
    () => 'write gradcheck(op, [x])',
  );
  const name = f.name || 'function';
  for (const [i, input] of inputs.entries()) {
    check(
      input.dtype !== 'float32',
      `gradcheck of ${name}`,
      'inputs are float64 (differences drown in the rounding of float32)',
      () => `input ${i} in float32`,
      () => "make it with { dtype: 'float64' }",
    );
  }
  check(
    inputs.some((input) => input.dtype === 'float64'),
    `gradcheck of ${name}`,
    'some input is float64: there is something to check',
    () => `${inputs.map((input) => input.dtype).join(', ') || 'no inputs'}`,
  );
  const copies = inputs.map((input): Tensor => {
    const copy = Tensor.over(input.toTypedArray(), input.shape);
    copy.requiresGrad = input.dtype === 'float64';
    return copy;
  });
  const call = f as Differentiable;
  const outputSize = noGrad(() => call(...copies).size);
  const random = randomStream('gradcheck');
  copies.forEach((input, i) => {
    if (!input.requiresGrad || input.size === 0 || outputSize === 0) return;
    const where: Where = { name, f: call, copies, i, settings };
    if (input.size * outputSize <= settings.maxJacobian) checkJacobian(where, outputSize);
    checkDirection(where, outputSize, random);
  });
}

interface Where {
  readonly name: string;
  readonly f: Differentiable;
  readonly copies: readonly Tensor[];
  /** The input that is checked. */
  readonly i: number;
  readonly settings: Required<GradcheckOptions>;
}

function checkJacobian(where: Where, outputSize: number): void {
  const input = where.copies[where.i]!;
  const rows = Array.from({ length: outputSize }, (_, j) =>
    analytic(
      where,
      Float64Array.from({ length: outputSize }, (_, o) => (o === j ? 1 : 0)),
    ),
  );
  for (let e = 0; e < input.size; e++) {
    const column = difference(where, (element) => (element === e ? 1 : 0));
    for (let j = 0; j < outputSize; j++)
      compare(where, `element ${e}, output ${j}`, rows[j]![e]!, column[j]!);
  }
}

function checkDirection(where: Where, outputSize: number, random: RandomStream): void {
  const input = where.copies[where.i]!;
  const upstream = Float64Array.from({ length: outputSize }, () => normalSample(random));
  const direction = Float64Array.from(
    { length: input.size },
    () => normalSample(random) / Math.sqrt(input.size),
  );
  const got = dot(analytic(where, upstream), direction);
  const expected = dot(
    upstream,
    difference(where, (element) => direction[element]!),
  );
  compare(where, 'a random direction, random upstream gradient', got, expected);
}

/** upstreamᵀ·J for the checked input, by backward */
function analytic({ f, copies, i }: Where, upstream: Float64Array): Float64Array {
  for (const copy of copies) copy.grad = null;
  const output = f(...copies);
  if (!output.requiresGrad) return new Float64Array(copies[i]!.size);
  backward(output, Tensor.over(upstream, output.shape));
  return (copies[i]!.grad?.toTypedArray() as Float64Array | undefined) ?? new Float64Array(copies[i]!.size);
}

/** J·direction for the checked input, by central differences */
function difference({ f, copies, i, settings }: Where, direction: (element: number) => number): Float64Array {
  return directionalDerivative(() => f(...copies), copies[i]!, direction, settings.eps);
}

function compare({ name, i, settings }: Where, place: string, got: number, expected: number): void {
  if (!agree(got, expected, settings))
    failDerivative(`gradcheck of ${name}`, got, expected, `input ${i}, ${place}`);
}

export const differenceDefaults: Required<DifferenceOptions> = { eps: 1e-6, atol: 1e-5, rtol: 1e-3 };

export function checkDifferenceOptions(
  where: string,
  { eps, atol, rtol }: Required<DifferenceOptions>,
): void {
  checkFinite(where, { eps, atol, rtol }, 0);
  check(eps > 0, where, 'eps is > 0', () => `${eps}`);
}

/** (f(x + εu) − f(x − εu)) / 2ε, where x is changed in place for a while. */
export function directionalDerivative(
  f: () => Tensor,
  x: Tensor,
  direction: (element: number) => number,
  eps: number,
): Float64Array {
  const data = x.data;
  const before = data.slice();
  const at = (sign: number) => {
    for (let e = 0; e < data.length; e++) data[e] = before[e]! + sign * eps * direction(e);
    return noGrad(() => f().toTypedArray());
  };
  try {
    const [plus, minus] = [at(1), at(-1)];
    return Float64Array.from(plus, (value, o) => (value - minus[o]!) / (2 * eps));
  } finally {
    data.set(before);
  }
}

/** Also false for NaN. */
export function agree(got: number, expected: number, { atol, rtol }: Required<DifferenceOptions>): boolean {
  return Math.abs(got - expected) <= atol + rtol * Math.abs(expected);
}

export function failDerivative(where: string, got: number, expected: number, place: string): never {
  fail(where, 'backward is the derivative of forward', `${got}, expected ${expected} (${place})`);
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}
