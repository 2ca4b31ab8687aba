/** The names of activations, here and there. */
import { Activation, type ActivationLike, type ActivationName, activationByName } from '../nn/index.ts';
import { display, fail, suggest } from '../tensor/index.ts';

/** Ours, and theirs: the first is written, all are read. */
const elementwise: Partial<Record<ActivationName, readonly string[]>> = {
  gelu: ['gelu', 'gelu_python'],
  geluTanh: ['gelu_new', 'gelu_pytorch_tanh', 'gelu_accurate', 'gelu_python_tanh'],
  relu: ['relu'],
  silu: ['silu', 'swish'],
  tanh: ['tanh'],
  sigmoid: ['sigmoid'],
  mish: ['mish'],
  squaredRelu: ['relu2'],
};

/** Gated units of ours, and the activation of their gate. */
const gated: Partial<Record<ActivationName, readonly string[]>> = {
  swiglu: ['silu', 'swish'],
  geglu: ['gelu', 'gelu_python'],
  glu: ['sigmoid'],
};

const tables = { elementwise, gated };

/** Their name of an activation of ours. Errors: it has none. */
export function theirActivation(
  where: string,
  given: ActivationLike | undefined,
  kind: keyof typeof tables,
): string {
  const table = Object.entries(tables[kind]);
  const f = given instanceof Activation ? given.apply : (given ?? 'gelu');
  const found = table.find(([name]) => name === f || activationByName(name) === f);
  const ours = typeof f === 'object' ? f.constructor.name : typeof f === 'string' ? f : f.name;
  return (
    found?.[1][0] ??
    fail(
      where,
      `the activation is one of ${table.map(([name]) => name).join(', ')}`,
      ours || 'another function',
    )
  );
}

/** Our name of an activation of theirs. Errors: there is none. */
export function ourActivation(where: string, given: unknown, kind: keyof typeof tables): ActivationName {
  const table = Object.entries(tables[kind]);
  const found = table.find(([, theirs]) => theirs.includes(given as string));
  const known = table.flatMap(([, theirs]) => theirs);
  return (found?.[0] ??
    fail(where, 'the activation is known', display(given), suggest(wordOf(given), known))) as ActivationName;
}

/** What was meant for a word, if it is one: other JSON may not even become text. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
