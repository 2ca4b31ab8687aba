import { display, fail, Tensor } from '../tensor/index.ts';

/**
 * One gradient for each argument, in order: a tensor, null for none, a list where the argument is a list of
 * tensors.
 */
export type Gradients = readonly (Tensor | null | readonly (Tensor | null)[])[];

/** The gradients of the tensor arguments alone, lists flattened: in step with the node's `inputs`. */
export function alignGradients(
  name: string,
  args: readonly unknown[],
  gradients: Gradients,
): (Tensor | null)[] {
  const extra = Array.isArray(gradients) ? gradients.slice(args.length) : [undefined];
  if (extra.some((gradient) => gradient !== null)) failCount(name, args.length, gradients);
  const aligned: (Tensor | null)[] = [];
  for (const [i, arg] of args.entries()) {
    if (arg instanceof Tensor) aligned.push(gradientOf(name, arg, gradients[i], i));
    if (!Array.isArray(arg) || !arg.some((entry) => entry instanceof Tensor)) continue;
    const list = listOf(name, arg, gradients[i], i);
    for (const [j, entry] of arg.entries()) {
      if (entry instanceof Tensor) aligned.push(gradientOf(name, entry, list[j], i, `[${j}]`));
    }
  }
  return aligned;
}

function failCount(name: string, count: number, gradients: unknown): never {
  const got = Array.isArray(gradients) ? `${gradients.length} for ${count}` : display(gradients);
  fail(`backward of ${name}`, 'it gives a list, with one gradient for each argument', got);
}

/** null stands for a null for each. */
function listOf(
  name: string,
  tensors: readonly unknown[],
  gradients: unknown,
  i: number,
): readonly unknown[] {
  if (gradients === null) return tensors.map(() => null);
  if (gradients === undefined) return [];
  if (Array.isArray(gradients) && gradients.length === tensors.length) return gradients;
  const got = Array.isArray(gradients) ? `a list of ${gradients.length}` : display(gradients);
  return fail(
    `backward of ${name}`,
    `the gradient of argument ${i} is a list of ${tensors.length}, as the argument`,
    got,
  );
}

function gradientOf(name: string, input: Tensor, gradient: unknown, i: number, at = ''): Tensor | null {
  if (gradient instanceof Tensor) return gradient;
  if (gradient === null || (gradient === undefined && !input.requiresGrad)) return null;
  const hint = 'null says that no gradient flows there';
  return fail(
    `backward of ${name}`,
    `the gradient of argument ${i}${at} is a tensor or null`,
    display(gradient),
    hint,
  );
}
