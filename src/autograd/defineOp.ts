import { check, display, type Storage, Tensor, zeroed } from '../tensor/index.ts';
import { adoptIntoScope, Copies } from '../tensor/scope.ts';
import { alignGradients, type Gradients } from './alignGradients.ts';
import { checkResults } from './anomaly.ts';
import { checkInputs, type Graph, joinedGraph, type Node } from './graph.ts';
import { isRecording, withoutRecording } from './mode.ts';

/** What `defineOp` makes an op of: its name, its forward and its backward. */
export interface OpDefinition<Args extends readonly unknown[], Saved> {
  /** The name in error messages. */
  readonly name: string;
  /**
   * Computes the output. What backward needs goes into `saved`, an object of tensors (or lists of them) and
   * plain values; the tensors are kept until backward, and changing one in place before that is an error.
   */
  forward(...args: Args): { output: Tensor; saved: Saved };
  /**
   * dL/doutput → dL/dargument for each argument; the last may be left out if they want none. A gradient may
   * have the shape the argument was broadcast to: it is summed back to the argument's own. `needs[i]` says
   * whether argument i wants one.
   */
  backward?(dy: Tensor, saved: Saved, needs: readonly boolean[]): Gradients;
}

/** An op of several outputs. All else is as in `OpDefinition`. */
export interface OpDefinitionOfSeveral<
  Args extends readonly unknown[],
  Saved,
  Outputs extends readonly Tensor[],
> {
  readonly name: string;
  forward(...args: Args): { outputs: Outputs; saved: Saved };
  /** Takes one gradient for each output: zeros where none arrived, so that a formula needs no cases. */
  backward?(dys: Outputs, saved: Saved, needs: readonly boolean[]): Gradients;
}

/** A differentiable function of tensors and plain values; its `name` is the op's. */
export type Op<Args extends readonly unknown[]> = (...args: Args) => Tensor;

let nextId = 0;

/**
 * Makes an op of several outputs, which it returns as a list. Those in int32 (indices) have no gradient. All
 * else is as in the form below; this one stands first, or TypeScript would not read the list as a tuple.
 */
export function defineOp<
  Args extends readonly unknown[],
  Saved extends object,
  Outputs extends readonly Tensor[] | [],
>(definition: OpDefinitionOfSeveral<Args, Saved, Outputs>): (...args: Args) => Outputs;
/**
 * Makes a differentiable op from its forward and its backward. Inside both, other ops can be called freely;
 * nothing is recorded there, and their temporaries are freed when the call ends.
 *
 * An op without `backward` passes no gradient (its output never requires one).
 */
export function defineOp<Args extends readonly unknown[], Saved extends object>(
  definition: OpDefinition<Args, Saved>,
): Op<Args>;
export function defineOp(definition: AnyDefinition): (...args: unknown[]) => Tensor | Tensor[] {
  const { name } = definition;
  const op = (...args: unknown[]): Tensor | Tensor[] => {
    refuseStrayLists(name, args, definition.forward.length);
    const inputs = tensorsAmong(args);
    const records =
      definition.backward !== undefined && isRecording() && inputs.some((input) => input.requiresGrad);
    const allocated: Storage[] = [];
    const copies = new Copies();
    const forward = () => {
      const result = checkResult(name, definition.forward(...args));
      if (records) checkInputs(name, inputs); // here, where an error hands back what was allocated
      return result;
    };
    const result = withoutRecording(allocated, forward, name, copies);
    const outputs = distinct(result.outputs ?? [result.output], inputs);
    const saved = records ? tensorsAmong(Object.values(result.saved)) : [];
    const savedTensors = saved.concat(copies.keepOf(saved));
    const graph = records ? joinedGraph(inputs) : null;
    for (const storage of allocated) {
      const lives = (tensor: Tensor) => tensor.storage === storage;
      if (!outputs.some(lives) && !savedTensors.some(lives)) storage.release();
      else if (graph) graph.own(storage);
      else adoptIntoScope(storage);
    }
    if (graph) {
      record({ definition, args, inputs, result, savedTensors, copies, graph }, outputs);
      checkResults(name, outputs);
    }
    return result.outputs ? outputs : outputs[0]!;
  };
  return Object.defineProperty(op, 'name', { value: name });
}

/** Either kind of definition. */
interface AnyDefinition {
  readonly name: string;
  forward(...args: readonly unknown[]): Result;
  backward?(dy: Tensor | Tensor[], saved: object, needs: readonly boolean[]): Gradients;
}

type Result =
  | { readonly output: Tensor; readonly outputs?: undefined; readonly saved: object }
  | { readonly outputs: readonly Tensor[]; readonly saved: object };

/** One call of an op that backward will come back to. */
interface Call {
  readonly definition: AnyDefinition;
  readonly args: readonly unknown[];
  readonly inputs: readonly Tensor[];
  readonly result: Result;
  readonly savedTensors: readonly Tensor[];
  readonly copies: Copies;
  readonly graph: Graph;
}

function record(
  { definition, args, inputs, result, savedTensors, copies, graph }: Call,
  outputs: readonly Tensor[],
): void {
  const needs = args.map((arg) => (Array.isArray(arg) ? arg.some(wantsGradient) : wantsGradient(arg)));
  const node: Node = {
    name: definition.name,
    id: nextId++,
    inputs,
    outputs,
    saved: savedTensors.map((tensor) => ({ tensor, version: tensor.storage.version })),
    copies,
    backward(dys) {
      const dy = result.outputs
        ? dys.map((given, i) => given ?? zeroed(outputs[i]!.shape, outputs[i]!.dtype))
        : dys[0]!;
      return alignGradients(definition.name, args, definition.backward!(dy, result.saved, needs));
    },
    graph,
  };
  for (const output of outputs) {
    output.node = node;
    output.requiresGrad = result.outputs === undefined || output.dtype !== 'int32';
  }
}

/** Tensors of their own, also where forward gives an input as it is, or one tensor twice. */
function distinct(outputs: readonly Tensor[], inputs: readonly Tensor[]): Tensor[] {
  return outputs.map((output, i) => {
    const isTaken = inputs.includes(output) || outputs.indexOf(output) !== i;
    return isTaken ? output.strided(output.shape, output.stride) : output;
  });
}

/**
 * Array.map hands over an index and the whole array: its tensors would become inputs, and their graphs one.
 */
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

function checkResult(name: string, result: Result): Result {
  const several = Array.isArray(result?.outputs);
  const tensors: readonly unknown[] = several ? result.outputs! : [(result as { output?: unknown })?.output];
  check(
    tensors.length > 0 &&
      tensors.every(isTensor) &&
      typeof result.saved === 'object' &&
      result.saved !== null,
    name,
    several
      ? 'forward gives { outputs, saved }, a list of tensors and an object'
      : 'forward gives { output, saved }, a tensor and an object',
    () => display(result),
  );
  return result;
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
