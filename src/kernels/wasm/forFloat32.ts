import type { TypedArray } from '../../tensor/index.ts';
import type { CpuKernels } from '../contract.ts';
import * as js from '../js/index.ts';
import { isFloat32 } from './call.ts';

/** The plain kernels, for what is not compiled. */
export const reference: CpuKernels = js;

/** The kernels that begin with an array: their first output. */
type ArrayKernel = {
  [Name in keyof CpuKernels]: Parameters<CpuKernels[Name]>[0] extends TypedArray ? Name : never;
}[keyof CpuKernels];

/**
 * The kernel of that name: `compiled` where its numbers are float32, else the reference. The first array
 * decides, because the floats of one call share one type.
 */
export function forFloat32<Name extends ArrayKernel>(
  name: Name,
  compiled: CpuKernels[Name],
): CpuKernels[Name] {
  const plain = reference[name];
  const chosen = (...args: Parameters<CpuKernels[Name]>): void =>
    Reflect.apply(isFloat32(args[0]) ? compiled : plain, undefined, args);
  return chosen as CpuKernels[Name];
}
