import ndarray from 'ndarray';
import type { Memory, NdArray, View } from '../../tensor/index.ts';
import type { CpuKernels, Kernels } from '../contract.ts';
import * as js from '../js/index.ts';
import { dtypeOf, onHost } from './numbers.ts';

type Numbers = Memory | View;

/** What kernels get of numbers, in lists and options, too. */
function numbersIn(args: readonly unknown[]): Numbers[] {
  return args.flatMap((arg): Numbers[] => {
    if (typeof arg !== 'object' || arg === null) return [];
    if ('byteLength' in arg || 'shape' in arg) return [arg as Numbers];
    return numbersIn(Object.values(arg));
  });
}

/** Whether the device computes with these numbers: no float64 among them, and the first are float32. */
export function isForDevice(args: readonly unknown[]): boolean {
  const types = numbersIn(args).map((numbers) => dtypeOf('shape' in numbers ? numbers.data : numbers));
  return types[0] === 'float32' && !types.includes('float64');
}

let processor: CpuKernels = js;
/** Sets the kernels that compute what the device does not. */
export function useProcessor(kernels: CpuKernels): void {
  processor = kernels;
}

/**
 * The processor's kernel of that name, for numbers wherever they are: they come over, and go back when the
 * device needs them.
 */
export function onProcessor<Name extends keyof Kernels>(name: Name): Kernels[Name] {
  const moving = (...args: unknown[]): unknown => Reflect.apply(processor[name], undefined, args.map(hostly));
  return moving as Kernels[Name];
}

function hostly(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || ArrayBuffer.isView(arg)) return arg;
  if ('byteLength' in arg) return onHost(arg as Memory);
  if ('shape' in arg) return viewOnHost(arg as View);
  if (Array.isArray(arg)) return arg.map(hostly);
  return Object.fromEntries(Object.entries(arg).map(([name, value]) => [name, hostly(value)]));
}

function viewOnHost(view: View): NdArray {
  if ('get' in view) return view as NdArray;
  return ndarray(onHost(view.data), [...view.shape], [...view.stride], view.offset);
}

/** The kernel of that name: `onDevice` where the device computes with such numbers, else the processor's. */
export function forFloat32<Name extends keyof Kernels>(name: Name, onDevice: Kernels[Name]): Kernels[Name] {
  const other = onProcessor(name);
  const chosen = (...args: unknown[]): unknown =>
    Reflect.apply(isForDevice(args) ? onDevice : other, undefined, args);
  return chosen as Kernels[Name];
}
