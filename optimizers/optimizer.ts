import type { Parameter } from '../src/nn/parameter.ts';
import { check, type FloatArray, type Memory, type Tensor, withDefaults } from '../src/tensor/index.ts';
import { collectInto } from '../src/tensor/scope.ts';
import {
  checkGiven,
  checkSettings,
  type Group,
  makeGroups,
  type OptimizerOptions,
  type ParametersOrGroups,
} from './groups.ts';
import {
  checkAlike,
  checkFits,
  checkIsState,
  copyOf,
  type Entry,
  type GroupState,
  mapValues,
  type OptimizerState,
  type SavedTensors,
} from './state.ts';

/**
 * The part that all optimizers share: groups, the learning rate, the walk over the parameters, and saving. An
 * optimizer adds its defaults, the state it keeps for one parameter, and the update of one parameter:
 *
 *     class SignSGD extends Optimizer<OptimizerOptions> {
 *       constructor(params: ParametersOrGroups<OptimizerOptions>, options: OptimizerOptions = {}) {
 *         super(params, options, { lr: 1e-3 });
 *       }
 *       protected override initialState() {
 *         return {};
 *       }
 *       protected override update(w: FloatArray, g: FloatArray, _: object, { lr }: Group<OptimizerOptions>) {
 *         for (let i = 0; i < w.length; i++) w[i]! -= lr * Math.sign(g[i]!);
 *       }
 *     }
 *
 * O: its options. S: the names of its state, such as 'm' | 'v'. N: how `update` gets numbers, arrays to loop
 * over, or `Memory`, the handles that kernels take: then it says `takes = 'memory'`, too.
 */
export abstract class Optimizer<
  O extends OptimizerOptions,
  S extends string = never,
  N extends Memory = FloatArray,
> {
  readonly groups: readonly Group<O>[];
  /** Arrays bring numbers over from a GPU in each step, and a warning says whose; handles leave them there. */
  protected readonly takes: 'data' | 'memory' = 'data';
  readonly #defaults: Required<O>;
  #lr: number;
  #steps = 0;
  #entries = new Map<Parameter, Entry<S>>();

  /**
   * @param params a list of parameters, or of groups `{ params, name?, …options of their own }`
   * @param options of all groups that do not say otherwise
   */
  constructor(params: ParametersOrGroups<O>, options: O, defaults: Required<O>) {
    const where = this.constructor.name;
    checkGiven(where, options, defaults);
    const settings = withDefaults<Required<O>>(where, options as object as Partial<Required<O>>, defaults);
    this.#defaults = defaults;
    this.#lr = settings.lr as number;
    this.groups = makeGroups<O>(where, params, settings, this);
  }

  /** Makes the state for one parameter, before its first update; see `zerosLike`. */
  protected abstract initialState(parameter: Parameter): Record<S, Tensor>;

  /**
   * Changes the values of one parameter, and its state, in place.
   * @param group its options
   * @param step which update of this parameter it is, from 1
   * @param parameter itself, for its shape and role
   */
  protected abstract update(
    values: N,
    gradient: N,
    state: Record<S, N>,
    group: Group<O>,
    step: number,
    parameter: Parameter,
  ): void;

  /**
   * The base learning rate, which schedules set. A group that was given a rate of its own keeps its ratio to
   * the base: made with lr 1e-3 and a group at 1e-4, `optimizer.lr = 5e-4` moves that group to 5e-5.
   */
  get lr(): number {
    return this.#lr;
  }

  set lr(lr: number) {
    checkSettings(this.constructor.name, { lr }, { lr: 0 });
    this.#lr = lr;
  }

  /** The number of times that `step` has run. */
  get steps(): number {
    return this.#steps;
  }

  /** Updates every parameter that has a gradient. */
  step(): void {
    for (const group of this.groups) for (const parameter of group.params) this.#update(parameter, group);
    this.#steps++;
  }

  #update(w: Parameter, group: Group<O>): void {
    const [where, { grad }] = [this.constructor.name, w];
    if (grad === null) return;
    checkAlike(`${where}.step`, 'the gradient', grad, w);
    const [entry, numbers] = [this.#entryOf(w), (x: Tensor) => x[this.takes] as Memory as N];
    const update = () =>
      this.update(numbers(w), numbers(grad), mapValues(entry.tensors, numbers), group, ++entry.updates, w);
    collectInto(null, update, where);
    w.storage.version++;
  }

  zeroGrad(): void {
    for (const parameter of this.#parameters()) parameter.zeroGrad();
  }

  /** Copies of all state, the options of the groups, and the counts: enough to continue bit for bit. */
  stateDict(): OptimizerState {
    const tensors = this.#parameters().flatMap((parameter, i) =>
      Object.entries<Tensor>(this.#entries.get(parameter)?.tensors ?? {}).map(
        ([name, tensor]) => [`${i}.${name}`, copyOf(tensor)] as const,
      ),
    );
    return {
      kind: this.constructor.name,
      lr: this.#lr,
      steps: this.#steps,
      groups: this.#groupStates(),
      tensors: new Map(tensors),
    };
  }

  /**
   * Continues from `state`, with the options and the learning rate it was saved with. Kind, groups, shapes
   * and state are all checked before anything changes.
   */
  loadStateDict(state: SavedTensors): void {
    const where = `${this.constructor.name}.loadStateDict`;
    checkIsState(where, state);
    checkFits(where, this.constructor.name, this.#groupStates(), state);
    const defaults = { ...this.#defaults, lrScale: 1 };
    for (const { settings } of state.groups) checkSettings(where, { lr: state.lr, ...settings }, defaults);
    const entries = this.#savedEntries(where, state);
    this.#lr = state.lr;
    this.#steps = state.steps;
    this.#entries = entries;
    for (const [i, group] of this.groups.entries())
      Object.assign(group, structuredClone(state.groups[i]!.settings));
  }

  #savedEntries(where: string, state: OptimizerState): Map<Parameter, Entry<S>> {
    const updates = state.groups.flatMap((group) => group.updates);
    const expected: string[] = [];
    const entries = this.#parameters().flatMap((parameter, i): [Parameter, Entry<S>][] => {
      if (!updates[i]) return [];
      const entry = { updates: updates[i], tensors: this.initialState(parameter) };
      for (const [name, tensor] of Object.entries<Tensor>(entry.tensors)) {
        const key = `${i}.${name}`;
        const saved = state.tensors.get(key);
        checkAlike(where, `state ${key}`, saved, tensor);
        tensor.data.set(saved.toTypedArray());
        expected.push(key);
      }
      return [[parameter, entry]];
    });
    const unexpected = [...state.tensors.keys()].filter((key) => !expected.includes(key));
    check(unexpected.length === 0, where, 'all state is of parameters that have been updated', () =>
      unexpected.join(', '),
    );
    return new Map(entries);
  }

  #groupStates(): GroupState[] {
    return this.groups.map(({ params, name, lr: _, ...settings }) => ({
      name,
      settings: structuredClone(settings),
      shapes: params.map(({ shape }) => [...shape]),
      updates: params.map((parameter) => this.#entries.get(parameter)?.updates ?? 0),
    }));
  }

  #parameters(): Parameter[] {
    return this.groups.flatMap(({ params }) => params);
  }

  #entryOf(parameter: Parameter): Entry<S> {
    const entry = this.#entries.get(parameter) ?? { updates: 0, tensors: this.initialState(parameter) };
    this.#entries.set(parameter, entry);
    return entry;
  }
}
