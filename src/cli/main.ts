/**
 * The command line. Flags are named after the `Settings` of a run; what they mean is checked by what uses
 * them.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { type BackendName, useBackend } from '../kernels/index.ts';
import { InvariantError } from '../tensor/index.ts';
import { evaluate, info, sample } from './inspect.ts';
import { watchOutput } from './interrupts.ts';
import { onRanks } from './ranks.ts';
import { addSettings, number } from './settingsFlags.ts';
import { train } from './train.ts';

const program = new Command('scratchformer')
  .description('Train toy language models in Node, and sample from them.')
  .version(packageVersion());

const trainCommand = program
  .command('train')
  .description('train a character-level GPT on a text')
  .requiredOption('--out <folder>', 'where checkpoint and metrics go')
  .option('--data <file>', 'a UTF-8 text file, or "stories", the built-in corpus')
  .option('--resume', 'go on from the checkpoint in the output folder')
  .option('--reduction <order>', 'gradients of ranks: inOrder, or anyOrder, by MPI (default: inOrder)');

addSettings(trainCommand);
trainCommand.action(onRanks(onBackend(train)));

program
  .command('sample')
  .description('write text with a trained model')
  .requiredOption('--checkpoint <folder>', 'the output folder of the training')
  .option(
    '--prompt <text>',
    'what the text begins with (default: a line break, or what the model knows instead)',
  )
  .option('--max-tokens <n>', 'how many characters to write', number, 500)
  .option('--temperature <x>', 'below 1 bolder, 0 only the most probable', number, 0.8)
  .option('--top-k <k>', 'draw from the k most probable only', number)
  .option('--top-p <p>', 'draw from the most probable that sum to p', number)
  .option('--seed <n>', 'of the random numbers', number, 1)
  .action(onBackend(sample));

program
  .command('eval')
  .description('the loss of a trained model on a text')
  .requiredOption('--checkpoint <folder>', 'the output folder of the training')
  .option(
    '--data <file>',
    'a UTF-8 text file, or "stories" (default: the validation part of the training text)',
  )
  .option('--stride <n>', 'distance of the windows (default: a quarter of the context)', number)
  .action(onBackend(evaluate));

program
  .command('info')
  .description('the kernels in use; settings, parameters and weight-decay groups of a trained model')
  .option('--checkpoint <folder>', 'the output folder of the training')
  .action(onBackend(info));

for (const command of program.commands) {
  command
    .option('--backend <name>', 'auto, js, wasm or blas (default: $SCRATCHFORMER_BACKEND, or auto)')
    .option(
      '--threads <n>',
      'kernel threads (default: $SCRATCHFORMER_THREADS, or the cores, at most 8)',
      number,
    );
}

watchOutput();
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof InvariantError || isSystemError(error))) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}

/** Tells an error of the system, such as a full disk or a missing file: its own words say enough. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}

interface BackendFlags {
  readonly backend?: BackendName | 'auto';
  readonly threads?: number;
}

/** Makes an action that first chooses the kernels, if its flags say which. */
function onBackend<Flags>(action: (flags: Flags) => Promise<void>) {
  return ({ backend, threads, ...flags }: BackendFlags & Flags): Promise<void> => {
    if (backend !== undefined || threads !== undefined) {
      useBackend(backend, threads === undefined ? {} : { threads });
    }
    return action(flags as Flags);
  };
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
