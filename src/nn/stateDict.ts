/** Contents of a state dict, and checks that a given one fits. */
import { check, sameShape, show, type Tensor } from '../tensor/index.ts';
import { Buffer } from './buffer.ts';
import type { Module } from './module.ts';
import type { Parameter } from './parameter.ts';

/** The parameters and buffers that a module saves, by name; two of one name are an error. */
export function keptByName(where: string, module: Module): Map<string, Parameter | Buffer> {
  const named: [string, Parameter | Buffer][] = [...module.namedParameters(), ...module.namedBuffers()];
  const kept = new Map(named);
  const [name, twin] = named.find(([name, one]) => kept.get(name) !== one) ?? [];
  const what = twin instanceof Buffer ? 'buffer' : 'parameter';
  check(twin === undefined, where, `every ${what} has a name of its own`, () => `${name} twice`);
  return kept;
}

/** Checks that each value has the shape of its target, and that no fraction would be cut off. */
export function checkFit(
  pairs: readonly { readonly name: string; readonly target: Tensor; readonly value: Tensor }[],
): void {
  const misshapen = pairs.filter(({ target, value }) => !sameShape(target.shape, value.shape));
  check(misshapen.length === 0, 'loadStateDict', 'shapes are those of the parameters and buffers', () =>
    misshapen
      .map(({ name, target, value }) => `${name} ${show(value.shape)} for ${show(target.shape)}`)
      .join('; '),
  );
  const cut = pairs.filter(({ target, value }) => target.dtype === 'int32' && value.dtype !== 'int32');
  check(cut.length === 0, 'loadStateDict', 'what is int32 takes int32', () =>
    cut.map(({ name, value }) => `${value.dtype} for ${name}`).join('; '),
  );
}
