import type { Kernels } from './contract.ts';
import { js } from './js/index.ts';

export type * from './contract.ts';
export { keeps } from './js/dropout.ts';

/** The kernels in use. */
export const kernels: Kernels = { ...js };
