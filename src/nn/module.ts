import { check, show, Tensor } from '../tensor/index.ts';
import { Parameter } from './parameter.ts';
import { summaryTable } from './summary.ts';

/** A module that maps one tensor to one tensor. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor;
}

/**
 * A piece of a network: parameters, inner modules and a `forward` of its own.
 *
 * Parameters and modules are found in the object's own fields, in the order in which they were assigned; arrays of
 * modules count too. (Fields that start with # are invisible, so keep modules out of them.)
 */
export abstract class Module {
  /** Whether dropout is on. Set by `train` and `eval`. */
  training = true;

  /** Inner modules by field name: `block`, or `blocks.0` in an array. */
  children(): [name: string, module: Module][] {
    return Object.entries(this).flatMap(([name, value]) => {
      if (value instanceof Module) return [[name, value] as [string, Module]];
      if (!Array.isArray(value)) return [];
      return value.flatMap((entry, i): [string, Module][] =>
        entry instanceof Module ? [[`${name}.${i}`, entry]] : [],
      );
    });
  }

  /** This module (under the name '') and all inner ones, outer before inner. */
  namedModules(prefix = ''): [name: string, module: Module][] {
    const inner = this.children().flatMap(([name, module]) => module.namedModules(join(prefix, name)));
    return [[prefix, this], ...inner];
  }

  /** Every parameter once, with its dotted name; a shared one has the first of its names. */
  namedParameters(): [name: string, parameter: Parameter][] {
    const seen = new Set<Parameter>();
    const found: [string, Parameter][] = [];
    for (const [prefix, module] of this.namedModules()) {
      for (const [name, value] of Object.entries(module)) {
        if (!(value instanceof Parameter) || seen.has(value)) continue;
        seen.add(value);
        found.push([join(prefix, name), value]);
      }
    }
    return found;
  }

  parameters(): Parameter[] {
    const found = new Set<Parameter>();
    collectParameters(this, found);
    return [...found];
  }

  /** Training mode, for this module and all inner ones. */
  train(mode = true): this {
    for (const [, module] of this.namedModules()) module.training = mode;
    return this;
  }

  /** Evaluation mode: dropout off. */
  eval(): this {
    return this.train(false);
  }

  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** A copy of every parameter by name. */
  stateDict(): Map<string, Tensor> {
    return new Map(
      this.namedParameters().map(([name, parameter]) => [name, Tensor.over(parameter.toTypedArray(), parameter.shape)]),
    );
  }

  /**
   * Copies values into the parameters. Names and shapes are all checked before anything changes.
   * @param options.strict every parameter has a value and every value a parameter. Default true.
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>, { strict = true }: { strict?: boolean } = {}): void {
    const parameters = new Map(this.namedParameters());
    const missing = [...parameters.keys()].filter((name) => !state.has(name));
    const unexpected = [...state.keys()].filter((name) => !parameters.has(name));
    check(
      !strict || missing.length + unexpected.length === 0,
      'loadStateDict',
      'names are those of the parameters',
      () => `missing: ${missing.join(', ') || 'none'}; unexpected: ${unexpected.join(', ') || 'none'}`,
      () => 'pass { strict: false } to load what fits',
    );
    const pairs = [...parameters].flatMap(([name, parameter]) => {
      const value = state.get(name);
      return value ? [{ name, parameter, value }] : [];
    });
    const misfits = pairs.filter(({ parameter, value }) => show(parameter.shape) !== show(value.shape));
    check(misfits.length === 0, 'loadStateDict', 'shapes are those of the parameters', () =>
      misfits
        .map(({ name, parameter, value }) => `${name} ${show(value.shape)} for ${show(parameter.shape)}`)
        .join('; '),
    );
    for (const { parameter, value } of pairs) {
      parameter.data.set(value.toTypedArray());
      parameter.storage.version++;
    }
  }

  /** A table of all parameters: name, shape, count, role; and the total. */
  summary(): string {
    return summaryTable(this.namedParameters());
  }
}

/** In the order of `namedParameters`, without the names: training asks in every step. */
function collectParameters(module: Module, found: Set<Parameter>): void {
  const values = Object.values(module);
  for (const value of values) if (value instanceof Parameter) found.add(value);
  for (const value of values.flat()) if (value instanceof Module) collectParameters(value, found);
}

function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}
