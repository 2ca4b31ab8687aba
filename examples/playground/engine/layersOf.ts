import { type Module, type RecordedCall, recordedCalls, Tensor } from 'scratchformer';

/** A layer as it is called; what it takes besides a tensor is its own matter. */
type Callable = Module & { forward?(...args: unknown[]): unknown };

/** Runs `body` and tells for each recorded call the innermost layer of the model in which it was made. */
export function layersOf<T>(model: Module, body: () => T): { result: T; layers: Map<RecordedCall, string> } {
  const layers = new Map<RecordedCall, string>();
  const watched = model.namedModules().filter(([, module]: [string, Callable]) => module.forward);
  for (const [name, module] of watched) if (module !== model) watch(module, name, layers);
  try {
    return { result: body(), layers };
  } finally {
    for (const [, module] of watched) Reflect.deleteProperty(module, 'forward'); // the class's own is there again
  }
}

/** What stands between a layer's inputs and its output was made in it, unless a layer inside has claimed it. */
function watch(module: Callable, name: string, layers: Map<RecordedCall, string>): void {
  const forward = module.forward!.bind(module);
  module.forward = (...args) => {
    const result = forward(...args);
    const before = new Set(args.flatMap((arg) => (arg instanceof Tensor ? recordedCalls(arg) : [])));
    const made = result instanceof Tensor ? recordedCalls(result) : [];
    for (const call of made) if (!before.has(call) && !layers.has(call)) layers.set(call, name);
    return result;
  };
}
