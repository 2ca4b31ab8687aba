import { check } from '../tensor/index.ts';

/** Name of the machine and number of the process, for people who look for a rank. */
export function whereabouts(): { readonly host: string; readonly process: number } {
  return { host: process.getBuiltinModule('node:os').hostname(), process: process.pid };
}

/** What must be so before MPI's library starts in this process. */
export function prepareHost(): void {
  // MPICH's transport, UCX, would patch the system's memory functions while V8's threads use them (3 of 85 starts
  // crashed, of 161 without it none), and take over memory faults, of which V8 makes errors of WebAssembly.
  process.env.UCX_MEM_EVENTS ??= 'n';
  process.env.UCX_ERROR_SIGNALS ??= '';
  const socket = process.env.PMI_FD;
  if (socket === undefined) return;
  check(
    isSocket(Number(socket)),
    'distributed',
    "MPICH's mpirun reaches this process by the socket that it opened for it",
    () => `file descriptor ${socket}, which was closed on the way here, as npx and npm do`,
    () => 'write mpirun -pmi-port, or start node_modules/.bin/scratchformer without npx',
  );
}

function isSocket(descriptor: number): boolean {
  try {
    return process.getBuiltinModule('node:fs').fstatSync(descriptor).isSocket();
  } catch {
    return false;
  }
}
