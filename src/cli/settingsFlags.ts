import { type Command, InvalidArgumentError } from 'commander';
import { activationNames } from '../nn/index.ts';
import { defaults, type Settings } from './config.ts';
import { optimizerNames } from './optimizer.ts';

/** Reads the value of a flag that is a number. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

type Flag = [flags: string, name: keyof Settings, text: string, parse?: typeof number];
const settings: Flag[] = [
  ['--steps <n>', 'steps', 'optimizer steps', number],
  ['--seed <n>', 'seed', 'of every random number in the run', number],
  ['--batch-size <n>', 'batchSize', 'windows in a batch', number],
  ['--accumulate <n>', 'accumulate', 'batches in a step; one or more for each rank of mpirun', number],
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

/** Adds the flags of a run's settings to a command, with their defaults in the help. */
export function addSettings(command: Command): void {
  const usual: Settings = { ...defaults, ...defaults.model };
  for (const [flags, name, text, parse] of settings) {
    const help = name in usual ? `${text} (default: ${usual[name]})` : text;
    if (parse) command.option(flags, help, parse);
    else command.option(flags, help);
  }
}
