import { here } from '../../tensor/scope.ts';

/** Bytes that went from the device to the host, and from the host to the device, so far. */
export const moved = { toHost: 0, toDevice: 0 };

/** What is run outside of any op: reading a loss, saving, looking at a tensor. */
const OUTSIDE = 'tensor';
/** A loss, a norm and the like may come over as often as they want. */
const FEW = 1024;
const told = new Set<string>();

/** Takes note of bytes that come to the host, and says once of each op that it makes them come. */
export function noteToHost(bytes: number): void {
  moved.toHost += bytes;
  const op = here();
  if (op === OUTSIDE || bytes < FEW || told.has(op)) return;
  told.add(op);
  console.warn(
    `webgpu: ${op} computes on the host. Its numbers leave the GPU for it, ${(bytes / 1e6).toFixed(3)} MB and more in each call.`,
  );
}

export function noteToDevice(bytes: number): void {
  moved.toDevice += bytes;
}
