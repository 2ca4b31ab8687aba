import { check, display, fail, type Storage, Tensor } from '../tensor/index.ts';
import { adoptIntoScope } from '../tensor/storage.ts';
import { checkInputs, type Graph, joinedGraph, type Node } from './graph.ts';
import { isRecording, withoutRecording } from './mode.ts';

/** One gradient for each argument, in order: a tensor, null for none, a list where the argument is a list of tensors. */
export type Gradients = readonly (Tensor | null | readonly (Tensor | null)[])[];

export interface OpDefinition<Args extends readonly unknown[], Saved> {
  /** The name in error messages. */
  readonly name: string;
  /**
   * Computes the output. What backward needs goes into `saved`, an object of tensors (or lists of them) and plain
   * values; the tensors are kept until backward, and changing one in place before that is an error.
   */
  forward(...args: Args): { output: Tensor; saved: Saved };
  /**
   * dL/doutput → dL/dargument for each argument; the last may be left out if they want none. A gradient may have the shape
   * the argument was broadcast to: it is summed back to the argument's own. `needs[i]` says whether argument i wants one.
   */
  backward?(dy: Tensor, saved: Saved, needs: readonly boolean[]): Gradients;
}

/** A differentiable function of tensors and plain values; its `name` is the op's. */
export type Op<Args extends readonly unknown[]> = (...args: Args) => Tensor;

let nextId = 0;

/**
 * Makes a differentiable op from its forward and its backward. Inside both, other ops can be called freely; nothing
 * is recorded there, and their temporaries are freed when the call ends.
 *
 * An op without `backward` passes no gradient (its output never requires one).
 */
export function defineOp<Args extends readonly unknown[], Saved extends object>(
  definition: OpDefinition<Args, Saved>,
): Op<Args> {
  const { name } = definition;
  const op = (...args: Args): Tensor => {
    refuseStrayLists(name, args, definition.forward.length);
    const inputs = tensorsAmong(args);
    const records = definition.backward !== undefined && isRecording() && inputs.some((input) => input.requiresGrad);
    const allocated: Storage[] = [];
    const result = withoutRecording(allocated, () => {
      const forward = checkResult(name, definition.forward(...args));
      if (records) checkInputs(name, inputs); // here, where an error hands back what was allocated
      return forward;
    });
    // A forward may return its input as it is; the output is a tensor of its own all the same.
    const output = inputs.includes(result.output) ? alias(result.output) : result.output;
    const savedTensors = records ? tensorsAmong(Object.values(result.saved)) : [];
    const graph = records ? joinedGraph(inputs) : null;
    for (const storage of allocated) {
      if (storage !== output.storage && !savedTensors.some((tensor) => tensor.storage === storage)) storage.release();
      else if (graph) graph.own(storage);
      else adoptIntoScope(storage);
    }
    if (graph) {
      output.requiresGrad = true;
      output.node = record(definition, args, inputs, output, result.saved, savedTensors, graph);
    }
    return output;
  };
  return Object.defineProperty(op, 'name', { value: name });
}

function record<Args extends readonly unknown[], Saved>(
  definition: OpDefinition<Args, Saved>,
  args: Args,
  inputs: Tensor[],
  output: Tensor,
  saved: Saved,
  savedTensors: Tensor[],
  graph: Graph,
): Node {
  const needs = args.map((arg) => (Array.isArray(arg) ? arg.some(wantsGradient) : wantsGradient(arg)));
  return {
    name: definition.name,
    id: nextId++,
    inputs,
    outputs: [output],
    saved: savedTensors.map((tensor) => ({ tensor, version: tensor.storage.version })),
    backward: ([dy]) => align(definition.name, args, definition.backward!(dy!, saved, needs)),
    graph,
  };
}

/** Array.map hands over an index and the whole array: its tensors would become inputs, and their graphs one. */
function refuseStrayLists(name: string, args: readonly unknown[], declared: number): void {
  for (let i = declared; i < args.length; i++) {
    const arg = args[i];
    check(
      !Array.isArray(arg) || !arg.some(isTensor),
      name,
      'a list of tensors is an argument that forward declares, and without a default',
      () => `a list as argument ${i}`,
      () => `in map, write (x) => ${name}(x)`,
    );
  }
}

function checkResult<Result extends { output: Tensor; saved: object }>(name: string, result: Result): Result {
  check(
    isTensor(result?.output) && typeof result.saved === 'object' && result.saved !== null,
    name,
    'forward gives { output, saved }, a tensor and an object',
    () => display(result),
  );
  return result;
}

/** The gradients of the tensor arguments alone, lists flattened: in step with the node's `inputs`. */
function align(name: string, args: readonly unknown[], gradients: Gradients): (Tensor | null)[] {
  const extra = Array.isArray(gradients) ? gradients.slice(args.length) : [undefined];
  if (extra.some((gradient) => gradient !== null)) failCount(name, args.length, gradients);
  const aligned: (Tensor | null)[] = [];
  for (const [i, arg] of args.entries()) {
    if (isTensor(arg)) aligned.push(gradientOf(name, arg, gradients[i], i));
    if (!Array.isArray(arg) || !arg.some(isTensor)) continue;
    const list = listOf(name, arg, gradients[i], i);
    for (const [j, entry] of arg.entries()) {
      if (isTensor(entry)) aligned.push(gradientOf(name, entry, list[j], i, `[${j}]`));
    }
  }
  return aligned;
}

function failCount(name: string, count: number, gradients: unknown): never {
  const got = Array.isArray(gradients) ? `${gradients.length} for ${count}` : display(gradients);
  fail(`backward of ${name}`, 'it gives a list, with one gradient for each argument', got);
}

/** null stands for a null for each. */
function listOf(name: string, tensors: readonly unknown[], gradients: unknown, i: number): readonly unknown[] {
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
  if (isTensor(gradient)) return gradient;
  if (gradient === null || (gradient === undefined && !input.requiresGrad)) return null;
  const hint = 'null says that no gradient flows there';
  return fail(`backward of ${name}`, `the gradient of argument ${i}${at} is a tensor or null`, display(gradient), hint);
}

/** The tensors in a list and in its lists. */
function tensorsAmong(values: readonly unknown[]): Tensor[] {
  const found: Tensor[] = [];
  for (const value of values) {
    if (isTensor(value)) found.push(value);
    else if (Array.isArray(value)) found.push(...value.filter(isTensor));
  }
  return found;
}

function wantsGradient(value: unknown): boolean {
  return isTensor(value) && value.requiresGrad;
}

function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor;
}

function alias(x: Tensor): Tensor {
  return x.strided(x.shape, x.stride);
}
