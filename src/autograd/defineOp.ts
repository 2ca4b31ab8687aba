import { adoptIntoScope, type Storage, Tensor } from '../tensor/index.ts';
import { type Graph, joinedGraph, type Node } from './graph.ts';
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
   * dL/doutput → dL/dargument for each argument. A gradient may have the shape the argument was broadcast to: it is
   * summed back to the argument's own. `needs[i]` says whether argument i wants a gradient at all.
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
    const inputs = tensorsAmong(args);
    const records = definition.backward !== undefined && isRecording() && inputs.some((input) => input.requiresGrad);
    const allocated: Storage[] = [];
    const result = withoutRecording(allocated, () => definition.forward(...args));
    // A forward may return its input as it is; the output is a tensor of its own all the same.
    const output = inputs.includes(result.output) ? alias(result.output) : result.output;
    const savedTensors = records ? tensorsAmong(Object.values(result.saved)) : [];
    const graph = records ? joinedGraph(name, inputs) : null;
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
    outputShape: output.shape,
    outputStorage: output.storage,
    saved: savedTensors.map((tensor) => ({ tensor, version: tensor.storage.version })),
    backward: (dy) => align(args, definition.backward!(dy, saved, needs)),
    graph,
  };
}

/** The gradients of the tensor arguments alone, lists flattened: in step with the node's `inputs`. */
function align(args: readonly unknown[], gradients: Gradients): (Tensor | null)[] {
  const aligned: (Tensor | null)[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (isTensor(arg)) aligned.push((gradients[i] as Tensor | null | undefined) ?? null);
    if (!Array.isArray(arg)) continue;
    const list = gradients[i] as readonly (Tensor | null)[] | null | undefined;
    arg.forEach((entry, j) => {
      if (isTensor(entry)) aligned.push(list?.[j] ?? null);
    });
  }
  return aligned;
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
