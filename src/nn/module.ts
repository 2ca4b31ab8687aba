import { check, display, Tensor, withDefaults } from '../tensor/index.ts';
import { Buffer } from './buffer.ts';
import { Parameter } from './parameter.ts';
import { checkFit, keptByName } from './stateDict.ts';
import { summaryTable } from './summary.ts';

/** A module that maps one tensor to one tensor. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor;
}

/**
 * A piece of a network: parameters, buffers, inner modules and a `forward` of its own.
 *
 * Parameters, buffers and modules are found in the object's own fields, in their order; also in arrays and
 * plain objects there, under names such as `blocks.0` and `heads.left`. In a Map or a Set they are an error,
 * and other objects are not searched. Fields that start with # are invisible: a module that keeps inner
 * modules there overrides `children`.
 */
export abstract class Module {
  /** Whether dropout is on. Set by `train` and `eval`. */
  training = true;

  /** Inner modules by field name: `block`, or `blocks.0` in an array. All walks go along them. */
  children(): [name: string, module: Module][] {
    return modulesAmong(partsOf(this));
  }

  /**
   * This module (under the name `prefix`) and all inner ones, outer before inner; a shared one once, by its
   * first name.
   */
  namedModules(prefix = ''): [name: string, module: Module][] {
    return [...walk(this, prefix).modules].map(([module, name]) => [name, module]);
  }

  /** Every parameter once, with its dotted name; a shared one has the first of its names. */
  namedParameters(): [name: string, parameter: Parameter][] {
    return [...walk(this).parameters].map(([parameter, name]) => [name, parameter]);
  }

  /** Every buffer once, as `namedParameters` gives the parameters. */
  namedBuffers(): [name: string, buffer: Buffer][] {
    return [...walk(this).buffers].map(([buffer, name]) => [name, buffer]);
  }

  parameters(): Parameter[] {
    return [...walk(this).parameters.keys()];
  }

  /** Sets training mode, or evaluation mode for `false`, in this module and all inner ones. */
  train(mode = true): this {
    for (const [, module] of this.namedModules()) module.training = mode;
    return this;
  }

  /** Sets evaluation mode: dropout off. */
  eval(): this {
    return this.train(false);
  }

  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** A copy of every parameter and every buffer by name. */
  stateDict(): Map<string, Tensor> {
    const kept = [...keptByName('stateDict', this)];
    return new Map(kept.map(([name, one]) => [name, Tensor.over(one.toTypedArray(), one.shape)]));
  }

  /**
   * Copies values into the parameters and buffers, whose dtype they take; but what is int32 takes int32 only.
   * Names, shapes and dtypes are all checked before anything changes.
   * @param options.strict every parameter and buffer has a value, and every value is one's. Default true.
   * Shapes always have to fit.
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>, options: { readonly strict?: boolean } = {}): void {
    const { strict } = withDefaults<{ strict: boolean }>('loadStateDict', options, { strict: true });
    check(
      state instanceof Map && [...state.values()].every((value) => value instanceof Tensor),
      'loadStateDict',
      'the state is a Map of tensors by name, as stateDict gives it',
      () => display(state),
    );
    const kept = keptByName('loadStateDict', this);
    const missing = [...kept.keys()].filter((name) => !state.has(name));
    const unexpected = [...state.keys()].filter((name) => !kept.has(name));
    check(
      !strict || missing.length + unexpected.length === 0,
      'loadStateDict',
      'names are those of the parameters and buffers',
      () => `missing: ${missing.join(', ') || 'none'}; unexpected: ${unexpected.join(', ') || 'none'}`,
      () => 'pass { strict: false } to load those that are in both',
    );
    const pairs = [...kept].flatMap(([name, target]) => {
      const value = state.get(name);
      return value ? [{ name, target, value }] : [];
    });
    checkFit(pairs);
    for (const { target, value } of pairs) {
      target.data.set(value.toTypedArray());
      target.storage.version++;
    }
  }

  /** A table of all parameters: name, shape, count, role; and the total. */
  summary(): string {
    return summaryTable(this.namedParameters());
  }
}

/** The modules, parameters and buffers found so far, each with the first of its names. */
interface Found {
  readonly modules: Map<Module, string>;
  readonly parameters: Map<Parameter, string>;
  readonly buffers: Map<Buffer, string>;
}

/**
 * The one walk: a module, its parameters and buffers, then its children. Training asks for it in every step.
 */
function walk(module: Module, name = '', found = nothingFound()): Found {
  if (found.modules.has(module)) return found;
  found.modules.set(module, name);
  const parts = partsOf(module);
  for (const [inner, part] of parts) {
    if (part instanceof Parameter && !found.parameters.has(part))
      found.parameters.set(part, join(name, inner));
    if (part instanceof Buffer && !found.buffers.has(part)) found.buffers.set(part, join(name, inner));
  }
  const children = module.children === Module.prototype.children ? modulesAmong(parts) : module.children();
  for (const [inner, child] of children) walk(child, join(name, inner), found);
  return found;
}

function nothingFound(): Found {
  return { modules: new Map(), parameters: new Map(), buffers: new Map() };
}

function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}

type Part = [name: string, part: Module | Parameter | Buffer];

/** The modules, parameters and buffers that lie in a module's own fields, but not those inside of these. */
function partsOf(module: Module): Part[] {
  const found: Part[] = [];
  for (const [name, value] of Object.entries(module)) {
    if (typeof value === 'object') collectParts(name, value, found, NOTHING);
  }
  return found;
}

const NOTHING: readonly object[] = [];

function modulesAmong(parts: readonly Part[]): [name: string, module: Module][] {
  return parts.filter((part): part is [string, Module] => part[1] instanceof Module);
}

/** @param around the arrays and objects that `value` lies in, which it may contain again */
function collectParts(name: string, value: unknown, found: Part[], around: readonly object[]): void {
  if (value instanceof Module || value instanceof Parameter || value instanceof Buffer)
    found.push([name, value]);
  else if (typeof value !== 'object' || value === null || around.includes(value)) return;
  else if (Array.isArray(value) || isPlain(value)) {
    const inside = [...around, value];
    for (const [key, entry] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
      if (typeof entry === 'object') collectParts(join(name, `${key}`), entry, found, inside);
    }
  } else if (value instanceof Map || value instanceof Set) refuseParts(name, value, around);
}

function refuseParts(
  name: string,
  value: Map<unknown, unknown> | Set<unknown>,
  around: readonly object[],
): void {
  const found: Part[] = [];
  for (const entry of value) collectParts(name, entry, found, [...around, value]);
  check(
    found.length === 0,
    'Module',
    'modules, parameters and buffers lie in fields, arrays and plain objects',
    () => `a ${value instanceof Map ? 'Map' : 'Set'} of them in the field ${name}`,
    () => 'take a plain object, { left: … }, or an array',
  );
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
