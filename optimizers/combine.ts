import type { Parameter } from '../src/nn/parameter.ts';
import { check, display, type Tensor } from '../src/tensor/index.ts';
import { checkSettings } from './groups.ts';
import type { SavedTensors } from './state.ts';

/** The part of an optimizer that `combine` needs. A combination has it, too. */
export interface Combinable {
  lr: number;
  readonly steps: number;
  readonly groups: readonly { readonly name: string; readonly params: readonly Parameter[] }[];
  step(): void;
  zeroGrad(): void;
  stateDict(): SavedTensors;
  loadStateDict(state: SavedTensors): void;
}

/** The state of a combination, as `stateDict` returns it. Everything but `tensors` is plain JSON. */
export type CombinedState = SavedTensors & {
  /** The state of each optimizer without its tensors; these are `0.3.m` for the 3.m of the first. */
  readonly optimizers: readonly Readonly<Record<string, unknown>>[];
  /** The rate of each over that of the first. */
  readonly lrScales: readonly number[];
};

/**
 * Several optimizers as one, each for parameters of its own:
 *
 *     const { matrices, rest } = splitMatrices(model);
 *     const optimizer = combine(
 *       new Muon(matrices.parameters(), { lr: 0.02 }),
 *       new AdamW(decayGroups(rest, { weightDecay: 0.1 }), { lr: 1e-3 }),
 *     );
 *
 * The learning rate is that of the first. Setting it, as schedules do, moves all of them and keeps their
 * ratios.
 */
export function combine(...optimizers: Combinable[]): Combined {
  return new Combined(optimizers);
}

/** What `combine` makes: it steps, saves and loads as one optimizer does. */
export class Combined implements Combinable {
  readonly optimizers: readonly Combinable[];
  #lrScales: readonly number[];

  constructor(optimizers: readonly Combinable[]) {
    checkOptimizers(optimizers);
    const base = optimizers[0]!.lr;
    for (const { lr } of optimizers) {
      check(
        lr === base || base > 0,
        'combine',
        'learning rates are multiples of the first',
        () => `${lr} over ${base}`,
        () => 'give the first optimizer an lr > 0',
      );
    }
    this.optimizers = [...optimizers];
    this.#lrScales = optimizers.map(({ lr }) => (lr === base ? 1 : lr / base));
  }

  /** The learning rate of the first optimizer. */
  get lr(): number {
    return this.optimizers[0]!.lr;
  }

  set lr(lr: number) {
    checkSettings('combine', { lr }, { lr: 0 });
    for (const [i, optimizer] of this.optimizers.entries()) optimizer.lr = lr * this.#lrScales[i]!;
  }

  /** The number of times that `step` has run. */
  get steps(): number {
    return this.optimizers[0]!.steps;
  }

  /** The groups of all, one optimizer after the other. */
  get groups(): Combinable['groups'] {
    return this.optimizers.flatMap(({ groups }) => groups);
  }

  /** Updates every parameter that has a gradient. */
  step(): void {
    for (const optimizer of this.optimizers) optimizer.step();
  }

  zeroGrad(): void {
    for (const optimizer of this.optimizers) optimizer.zeroGrad();
  }

  /** Copies of the states of all: enough to continue bit for bit. */
  stateDict(): CombinedState {
    const states = this.optimizers.map((optimizer) => optimizer.stateDict());
    const tensors = states.flatMap((state, i) =>
      [...state.tensors].map(([name, tensor]): [string, Tensor] => [`${i}.${name}`, tensor]),
    );
    return {
      optimizers: states.map(({ tensors: _, ...plain }) => plain),
      lrScales: this.#lrScales,
      tensors: new Map(tensors),
    };
  }

  /** Continues from `state`. If any optimizer refuses its part, all are as they were. */
  loadStateDict(state: SavedTensors): void {
    const states = partsOf(state, this.optimizers.length);
    const before = this.optimizers.map((optimizer) => optimizer.stateDict());
    try {
      for (const [i, optimizer] of this.optimizers.entries()) optimizer.loadStateDict(states[i]!);
    } catch (error) {
      for (const [i, optimizer] of this.optimizers.entries()) optimizer.loadStateDict(before[i]!);
      throw error;
    }
    this.#lrScales = [...(state as CombinedState).lrScales];
  }
}

/** The state of each optimizer, with its tensors under their own names. */
function partsOf(state: SavedTensors, count: number): SavedTensors[] {
  const { optimizers, lrScales, tensors } = state as Partial<CombinedState>;
  const isList = (list: unknown) => Array.isArray(list) && list.length === count;
  check(
    isList(optimizers) && isList(lrScales) && lrScales!.every(Number.isFinite) && tensors instanceof Map,
    'combine, loadStateDict',
    `the state has tensors, and optimizers and lrScales for ${count}`,
    () => display(state),
    () => 'combine the optimizers that were combined when saving',
  );
  return optimizers!.map((plain, i) => {
    const own = [...tensors!].filter(([name]) => name.startsWith(`${i}.`));
    return { ...plain, tensors: new Map(own.map(([name, tensor]) => [name.slice(`${i}.`.length), tensor])) };
  });
}

function checkOptimizers(optimizers: readonly Combinable[]): void {
  const isOptimizer = (one: Partial<Combinable> | null) =>
    Array.isArray(one?.groups) && typeof one.step === 'function' && typeof one.stateDict === 'function';
  check(
    optimizers.length > 0 && optimizers.every(isOptimizer),
    'combine',
    'the arguments are optimizers',
    () => optimizers.map(display).join(', ') || 'none',
    () => 'write combine(new Muon(…), new AdamW(…))',
  );
  const owners = new Map<Parameter, string>();
  for (const [i, optimizer] of optimizers.entries()) {
    for (const { name, params } of optimizer.groups) {
      for (const parameter of params) {
        const owner = `${display(optimizer)} ${i}, ${name}`;
        check(
          !owners.has(parameter),
          'combine',
          'each parameter has one optimizer',
          () => `the same ${display(parameter)} in ${owners.get(parameter)} and ${owner}`,
          () => 'splitMatrices makes two parts that have none in common',
        );
        owners.set(parameter, owner);
      }
    }
  }
}
