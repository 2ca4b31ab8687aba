/**
 * The command line. Flags are named after the `Settings` of a run; what they mean is checked by what uses
 * them.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { InvariantError } from '../tensor/index.ts';
import { watchOutput } from './interrupts.ts';
import { addModelCommands } from './modelCommands.ts';
import { addTrainingCommands } from './trainingCommands.ts';
import { visible } from './visible.ts';

const program = new Command('scratchformer')
  .description('Train toy language models in Node, and sample from them.')
  .version(packageVersion());
addTrainingCommands(program);
addModelCommands(program);

watchOutput();
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof InvariantError || isSystemError(error))) throw error;
  console.error(`error: ${visible(error.message, process.stderr)}`);
  process.exitCode = 1;
}

/** Tells an error of the system, such as a full disk or a missing file: its own words say enough. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}

function packageVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string })
        .version;
    } catch {}
  }
  return 'unknown';
}
