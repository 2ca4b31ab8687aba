/** One update of the weights, number by number. */
import type { GPT } from 'scratchformer/models';
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
  readonly settings: Readonly<Record<string, number | boolean | readonly number[]>>;
  /** Which update of the parameter it is, from 1. */
  readonly count: number;
}

/** Trains one step and tells what it did to each parameter. */
export async function oneUpdate(session: Session): Promise<Update[]> {
  const { model, optimizer } = session;
  const [weights, states] = [values(model), stateOf(session)];
  await session.advance(1);
  const afterwards = stateOf(session);
  const roles = new Map(
    model.namedParameters().map(([name, parameter]) => [parameter, [name, parameter.role]]),
  );
  return optimizer.groups.flatMap(({ params, name: _, ...settings }) =>
    params.map((parameter): Update => {
      const [name, role] = roles.get(parameter) as [string, string];
      const after = numbers(parameter.data);
      const state = Object.entries(afterwards.get(name) ?? {}).map(([key, now]) => {
        return [key, { before: states.get(name)?.[key] ?? now.map(() => 0), after: now }] as const;
      });
      return {
        name,
        role,
        optimizer: session.run.optimizer,
        shape: parameter.shape,
        before: weights.get(name)!,
        after,
        gradient: numbers(parameter.grad?.data ?? new Float32Array(after.length)),
        state: Object.fromEntries(state),
        settings: { ...settings, lr: settings.lr },
        count: optimizer.steps,
      };
    }),
  );
}

const numbers = (data: Iterable<number>) => Float32Array.from(data);

const values = (model: GPT) =>
  new Map(model.namedParameters().map(([name, { data }]) => [name, numbers(data)]));

/** State by the names of parameters; none before the first step. */
function stateOf({ model, optimizer }: Session): Map<string, Record<string, Float32Array>> {
  const names = new Map(model.namedParameters().map(([name, parameter]) => [parameter, name]));
  const order = optimizer.groups.flatMap(({ params }) => params.map((parameter) => names.get(parameter)!));
  const states = new Map<string, Record<string, Float32Array>>();
  for (const [key, tensor] of optimizer.stateDict().tensors) {
    const [index, name] = key.split('.') as [string, string];
    const parameter = order[Number(index)]!;
    states.set(parameter, { ...states.get(parameter), [name]: numbers(tensor.data) });
  }
  return states;
}
