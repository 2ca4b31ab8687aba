import type { Command } from 'commander';
import { type BackendName, useBackend } from '../kernels/index.ts';
import { number } from './settingsFlags.ts';

interface BackendFlags {
  readonly backend?: BackendName | 'auto';
  readonly threads?: number;
}

/** Gives a command an action that first chooses the kernels, and the flags that say which. */
export function onBackend<Flags>(command: Command, action: (flags: Flags) => Promise<void>): void {
  command
    .option('--backend <name>', 'auto, js, wasm, blas or webgpu (default: $SCRATCHFORMER_BACKEND, or auto)')
    .option(
      '--threads <n>',
      'kernel threads (default: $SCRATCHFORMER_THREADS, or the cores, at most 8)',
      number,
    )
    .action(({ backend, threads, ...flags }: BackendFlags & Flags) => {
      if (backend !== undefined || threads !== undefined)
        useBackend(backend, threads === undefined ? {} : { threads });
      return action(flags as Flags);
    });
}
