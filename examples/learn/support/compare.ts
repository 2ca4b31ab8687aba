/** Comparisons whose errors help: what was compared, where it differs, and what that usually means. */
import { check, fail, gradcheck, InvariantError, randn, Tensor, tensor } from 'scratchformer';
import { display, sameShape, show } from 'scratchformer/tensor';

/** float64 numbers from the standard normal distribution. */
export const normal = (...shape: number[]): Tensor => randn(shape, { dtype: 'float64' });

/** |got − expected| ≤ tolerance·max(1, |expected|), with equal shapes. */
export function expectClose(
  what: string,
  got: unknown,
  expected: Tensor,
  hint: string,
  tolerance = 1e-9,
): void {
  check(got instanceof Tensor, what, 'it is a tensor', () => display(got));
  const shapes = `its shape is ${show(expected.shape)}`;
  check(
    sameShape(got.shape, expected.shape),
    what,
    shapes,
    () => show(got.shape),
    () => hint,
  );
  const [have, want] = [got.toTypedArray(), expected.toTypedArray()];
  const near = (value: number, i: number) =>
    Math.abs(value - want[i]!) <= tolerance * Math.max(1, Math.abs(want[i]!));
  const wrong = have.findIndex((value, i) => !near(value, i));
  if (wrong < 0) return;
  const which = have.length === 1 ? 'it' : `number ${wrong} of ${have.length}`;
  fail(what, `${which} is ${want[wrong]!.toPrecision(6)}`, have[wrong]!.toPrecision(6), hint);
}

/** As `expectClose`, for plain numbers. */
export function expectNumbers(
  what: string,
  got: unknown,
  expected: ArrayLike<number>,
  hint: string,
  tolerance = 1e-9,
): void {
  const list = typeof got === 'number' ? [got] : Array.from((got ?? []) as ArrayLike<number>);
  expectClose(
    what,
    tensor(list, { dtype: 'float64' }),
    tensor(Array.from(expected), { dtype: 'float64' }),
    hint,
    tolerance,
  );
}

/**
 * Gradchecks `f` for one input after the other, so that an error names the input.
 * @param hints a sentence for each input, by its name
 */
export function expectGradients(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  hints: Readonly<Record<string, string>>,
): void {
  for (const [i, [name, hint]] of Object.entries(hints).entries()) {
    try {
      gradcheck((x: Tensor) => f(...inputs.with(i, x)), [inputs[i]!]);
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      const [, invariant, got] = /^(.*?)\.? got (.*)\.$/.exec(error.message) ?? [];
      const plain = invariant?.replace(/^gradcheck of .*/, 'it is the derivative of the value');
      const short = got?.replace(/\d+\.\d{7,}(e-?\d+)?/g, (digits) => Number(digits).toPrecision(6));
      fail(`the gradient of ${name}`, plain ?? error.message, short ?? 'an error', hint);
    }
  }
}
