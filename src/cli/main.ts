/**
 * The command line. Flags are named after the `Settings` of a run; what they mean is checked by what uses
 * them.
 */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { type BackendName, useBackend } from '../kernels/index.ts';
import { activationNames } from '../nn/index.ts';
import { InvariantError } from '../tensor/index.ts';
import { defaults, type Settings } from './config.ts';
import { evaluate, info, sample } from './inspect.ts';
import { watchOutput } from './interrupts.ts';
import { optimizerNames } from './optimizer.ts';
import { train } from './train.ts';

const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
};

const program = new Command('scratchformer')
  .description('Train toy language models in Node, and sample from them.')
  .version(packageVersion());

const trainCommand = program
  .command('train')
  .description('train a character-level GPT on a text')
  .requiredOption('--out <folder>', 'where checkpoint and metrics go')
  .option('--data <file>', 'a UTF-8 text file, or "stories", the built-in corpus')
  .option('--resume', 'go on from the checkpoint in the output folder');

type Flag = [flags: string, name: keyof Settings, text: string, parse?: typeof number];
const settings: Flag[] = [
  ['--steps <n>', 'steps', 'optimizer steps', number],
  ['--seed <n>', 'seed', 'of every random number in the run', number],
  ['--batch-size <n>', 'batchSize', 'windows in a batch', number],
  ['--context <n>', 'context', 'characters the model sees', number],
  ['--layers <n>', 'layers', 'Transformer blocks', number],
  ['--heads <n>', 'heads', 'attention heads in a block', number],
  ['--width <n>', 'width', 'channels', number],
  ['--dropout <p>', 'dropout', 'dropout probability', number],
  ['--init-std <x>', 'initStd', 'standard deviation of the initial weights', number],
  ['--optimizer <name>', 'optimizer', optimizerNames.join(', ')],
  ['--lr <rate>', 'lr', 'peak learning rate', number],
  ['--warmup <n>', 'warmup', 'steps to the peak, at most a tenth of all', number],
  ['--weight-decay <x>', 'weightDecay', 'decoupled, on weights and embeddings', number],
  ['--clip <norm>', 'clip', 'largest norm of the gradients', number],
  ['--eval-every <n>', 'evalEvery', 'steps between evaluations, samples and checkpoints', number],
  ['--activation <name>', 'activation', activationNames().join(', ')],
  ['--hidden <n>', 'hidden', 'channels inside the feed-forward networks (default: 4·width)', number],
  ['--norm <name>', 'norm', 'layerNorm or rmsNorm (default: layerNorm)'],
  ['--norm-position <place>', 'normPosition', 'pre or post: before or after the branches (default: pre)'],
  ['--positions <kind>', 'positions', 'learned, sinusoidal, rotary or alibi (default: learned)'],
  ['--key-value-heads <n>', 'keyValueHeads', 'heads of keys and values (default: as many as heads)', number],
  ['--qk-norm', 'qkNorm', 'normalize queries and keys'],
  ['--bias', 'bias', 'biases in linear layers and layer norms'],
];
const usual: Settings = { ...defaults, ...defaults.model };
for (const [flags, name, text, parse] of settings) {
  const help = name in usual ? `${text} (default: ${usual[name]})` : text;
  if (parse) trainCommand.option(flags, help, parse);
  else trainCommand.option(flags, help);
}
trainCommand.action(onBackend(train));

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
