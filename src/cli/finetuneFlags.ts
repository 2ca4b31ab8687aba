import type { Command } from 'commander';
import { type FinetuneConfig, finetuneDefaults } from './finetuneConfig.ts';
import { optimizerNames } from './optimizer.ts';
import { number, unescaped } from './settingsFlags.ts';

const names = (text: string) => text.split(',');

type Flag = [flags: string, name: keyof FinetuneConfig, text: string, parse?: (text: string) => unknown];
const settings: Flag[] = [
  ['--lora <rank>', 'lora', 'train adapters of this rank alone; 0 trains all weights', number],
  ['--alpha <x>', 'alpha', 'what adapters give is multiplied by alpha over rank (default: 2·rank)', number],
  ['--targets <names>', 'targets', 'linear layers that get an adapter', names],
  ['--stop <token>', 'stop', 'what ends an answer (default: <|endoftext|>, else a line break)', unescaped],
  ['--steps <n>', 'steps', 'optimizer steps', number],
  ['--seed <n>', 'seed', 'of every random number, and of what is held out', number],
  ['--batch-size <n>', 'batchSize', 'answers in a batch', number],
  ['--optimizer <name>', 'optimizer', optimizerNames.join(', ')],
  ['--lr <rate>', 'lr', 'peak learning rate (default: 0.0005, of adapters 0.003)', number],
  ['--warmup <n>', 'warmup', 'steps to the peak, at most a tenth of all', number],
  ['--weight-decay <x>', 'weightDecay', 'decoupled, on weights and embeddings', number],
  ['--clip <norm>', 'clip', 'largest norm of the gradients', number],
  ['--eval-every <n>', 'evalEvery', 'steps between evaluations, samples and checkpoints', number],
];

/** Adds the flags of a fine-tuning to a command, with their defaults in the help. */
export function addFinetuneFlags(command: Command): Command {
  const usual: Partial<FinetuneConfig> = finetuneDefaults();
  for (const [flags, name, text, parse] of settings) {
    const help = text.includes('(default') ? text : `${text} (default: ${usual[name]})`;
    if (parse) command.option(flags, help, parse);
    else command.option(flags, help);
  }
  return command;
}
