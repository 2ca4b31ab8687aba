/**
 * How a module says that it imports its memory: "env", "memory", 2: a memory, 3: with a maximum, and shared.
 */
const IMPORT = '\x03env\x06memory\x02\x03';

/**
 * The same module for a memory that is not shared, which is all that a page without cross-origin isolation
 * has. The two differ in one bit, and sharing changes no instruction that the kernels use: they have no
 * atomic ones, since threads meet in the control words outside.
 */
export function notShared(module: Uint8Array): Uint8Array {
  const copy = module.slice();
  const at = String.fromCharCode(...copy.subarray(0, 4096)).indexOf(IMPORT);
  if (at >= 0) copy[at + IMPORT.length - 1] = 1;
  return copy;
}
