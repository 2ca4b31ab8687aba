import { check, checkFunctions, display, sameShape, show, Tensor, withDefaults } from '../tensor/index.ts';
import { checkNotConsumed, nodeOf, type RecordedCall } from './graph.ts';

/** The options of `backward`. */
export interface BackwardOptions {
  /** Keep the graph and its memory, so that backward can run through it again. Default false. */
  readonly retainGraph?: boolean;
  /** Called after the backward of each recorded call, from the last to the first. Default: nobody looks. */
  readonly observe?: ((step: BackwardStep) => void) | undefined;
}

/** What the backward of one call took and gave. Its tensors can be read while `observe` runs: copy what you keep. */
export interface BackwardStep {
  readonly call: RecordedCall;
  /** dL/d(output) for each output of the call; null where none has arrived. */
  readonly outputGradients: readonly (Tensor | null)[];
  /** The call's own summand of dL/d(input) for each input; null for one that wants none. */
  readonly inputGradients: readonly (Tensor | null)[];
}

/** Checks the arguments of `backward`; returns the options with everything filled in. */
export function checkArguments(root: Tensor, gradient: Tensor | undefined, options: BackwardOptions) {
  check(
    gradient === undefined || gradient instanceof Tensor,
    'backward',
    'the gradient is a tensor',
    () => display(gradient),
    () => 'options come after it: backward(undefined, { retainGraph: true })',
  );
  const settings = withDefaults<Required<BackwardOptions>>('backward', options, {
    retainGraph: false,
    observe: undefined,
  });
  if (settings.observe !== undefined) checkFunctions('backward', { observe: settings.observe });
  check(
    root.requiresGrad,
    'backward',
    'the root requires grad',
    () =>
      'a tensor that no recorded op made from a tensor that requires grad, or one whose graph backward has consumed',
    () =>
      'set requiresGrad on an input, compute outside noGrad, or pass { retainGraph: true } to the earlier call',
  );
  check(
    gradient !== undefined || root.size === 1,
    'backward',
    'the root has one element, or its gradient is given',
    () => `shape ${show(root.shape)}`,
    () => 'call backward on a loss (.sum(), .mean()), or pass the gradient',
  );
  check(
    gradient === undefined || (sameShape(gradient.shape, root.shape) && gradient.dtype === root.dtype),
    'backward',
    `the gradient has the root's shape and dtype, ${show(root.shape)} ${root.dtype}`,
    () => `${show(gradient!.shape)} ${gradient!.dtype}`,
  );
  const node = nodeOf(root);
  if (node) checkNotConsumed('backward', node.graph.root);
  return settings;
}
