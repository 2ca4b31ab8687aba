import { check, display, sameShape, show, Tensor } from '../tensor/index.ts';
import { adaptersOf } from './loraAdapter.ts';
import type { Module } from './module.ts';
import type { Parameter } from './parameter.ts';

/**
 * Copies of the adapters of `lora` by name, and of nothing else of the model: small enough to keep one for
 * each task. `rank` and `targets` can be read from it, `alpha` cannot: write it down.
 */
export function loraState(model: Module): Map<string, Tensor> {
  const kept = [...parametersOf('loraState', model)];
  return new Map(kept.map(([name, one]) => [name, Tensor.over(one.toTypedArray(), one.shape)]));
}

/**
 * Copies what `loraState` gave into the adapters of a model, which `lora` has made with the same options. A
 * state of another model is an error that lists every name and shape that differs, and nothing changes.
 */
export function loadLora(model: Module, state: ReadonlyMap<string, Tensor>): void {
  const where = 'loadLora';
  const isState = state instanceof Map && [...state.values()].every((value) => value instanceof Tensor);
  check(isState, where, 'the state is a Map of tensors by name, as loraState gives it', () => display(state));
  const kept = parametersOf(where, model);
  const differing = [...new Set([...kept.keys(), ...state.keys()])].flatMap((name) => {
    const [own, given] = [kept.get(name), state.get(name)];
    if (own && given && sameShape(own.shape, given.shape)) return [];
    return [`${name} ${given ? show(given.shape) : 'missing'} for ${own ? show(own.shape) : 'nothing'}`];
  });
  check(
    differing.length === 0,
    where,
    "names and shapes are those of the model's adapters",
    () => differing.join('; '),
    () => 'take the model that it was trained on, with the same rank and targets',
  );
  for (const [name, parameter] of kept) {
    parameter.data.set(state.get(name)!.toTypedArray());
    parameter.storage.version++;
  }
}

function parametersOf(where: string, model: Module): Map<string, Parameter> {
  const adapters = adaptersOf(where, model);
  check(adapters.length > 0, where, 'the model has adapters', () => 'none', () => 'lora(model, …) makes them'); // biome-ignore format: one line
  const theirs = new Set(adapters.flatMap(([, , adapter]) => adapter.parameters()));
  return new Map(model.namedParameters().filter(([, parameter]) => theirs.has(parameter)));
}
