/** One update of the weights, number by number. */
import type { Parameter } from 'scratchformer';
import type { Optimizers } from './optimizers.ts';
import type { Session } from './session.ts';

/** The numbers of one parameter before and after a step. */
export interface Update {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: string;
  /** Its name, as the run has it. */
  readonly optimizer: string;
  readonly before: Float32Array;
  readonly after: Float32Array;
  /** The gradient that the optimizer was given, after clipping. */
  readonly gradient: Float32Array;
  /** The optimizer's state by name, such as m and v, before (zeros in the first step) and after. */
  readonly state: Readonly<Record<string, { before: Float32Array; after: Float32Array }>>;
  /** The settings of its group: lr, weightDecay, betas, eps, … */
  readonly settings: Readonly<Record<string, number | boolean | string | readonly number[]>>;
  /** Which update of the parameter it is, from 1. */
  readonly count: number;
}

/** Trains one step and tells what it did to each parameter. */
export async function oneUpdate(session: Session): Promise<Update[]> {
  const { model, optimizers } = session;
  const names = new Map(model.namedParameters().map(([name, parameter]) => [parameter, name]));
  const all = Object.entries(optimizers);
  const weights = new Map([...names].map(([parameter, name]) => [name, numbers(parameter.data)]));
  const states = all.map(([, optimizer]) => stateOf(optimizer, names));
  await session.advance(1);
  return all.flatMap(([kind, optimizer], which) => {
    const afterwards = stateOf(optimizer, names);
    return optimizer.groups.flatMap(({ params, name: _, ...settings }) =>
      params.map((parameter): Update => {
        const name = names.get(parameter)!;
        const after = numbers(parameter.data);
        const state = Object.entries(afterwards.get(name) ?? {}).map(([key, now]) => {
          const before = states[which]!.get(name)?.[key] ?? now.map(() => 0);
          return [key, { before, after: now }] as const;
        });
        return {
          name,
          role: parameter.role,
          optimizer: kind,
          shape: parameter.shape,
          before: weights.get(name)!,
          after,
          gradient: numbers(parameter.grad?.data ?? new Float32Array(after.length)),
          state: Object.fromEntries(state),
          settings,
          count: optimizer.steps,
        };
      }),
    );
  });
}

const numbers = (data: Iterable<number>) => Float32Array.from(data);

/** State by the names of parameters; none before the first step. */
function stateOf(optimizer: Optimizers[string], names: ReadonlyMap<Parameter, string>) {
  const order = optimizer.groups.flatMap(({ params }) => params.map((parameter) => names.get(parameter)!));
  const states = new Map<string, Record<string, Float32Array>>();
  for (const [key, tensor] of optimizer.stateDict().tensors) {
    const [index, name] = key.split('.') as [string, string];
    const parameter = order[Number(index)]!;
    states.set(parameter, { ...states.get(parameter), [name]: numbers(tensor.data) });
  }
  return states;
}
