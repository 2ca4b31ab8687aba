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

/** Reads the value of a flag that is a text in which \\n and \\t stand for a line break and a tab. */
export function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
}

/** Reads the value of a flag that is a number or a word. */
function numberOrWord(text: string): number | string {
  return Number.isNaN(Number(text)) ? text : number(text);
}

type Flag = [flags: string, name: keyof Settings, text: string, parse?: (text: string) => number | string];
const settings: Flag[] = [
  ['--tokenizer <kind>', 'tokenizer', 'char, bytes, bpe, word, or the path of a tokenizer'],
  ['--vocab-size <n>', 'vocabSize', 'the most tokens of a bpe (default: 512)', number],
  ['--steps <n>', 'steps', 'optimizer steps', number],
  ['--order <name>', 'order', 'of windows: random, or shuffled, each once in an epoch'],
  ['--align <name>', 'align', 'where windows start: none (anywhere) or documents, of prepared tokens'],
  ['--seed <n>', 'seed', 'of every random number in the run', number],
  [
    '--init-from <path>',
    'initFrom',
    'a run or a file of weights to start from: model and tokenizer are its own',
  ],
  ['--batch-size <n>', 'batchSize', 'windows in a batch', number],
  [
    '--accumulate <n>',
    'accumulate',
    'batches whose gradients make one step; one or more for each rank of mpirun',
    number,
  ],
  ['--context <n>', 'context', 'tokens the model sees', number],
  ['--layers <n>', 'layers', 'Transformer blocks', number],
  ['--heads <n>', 'heads', 'attention heads in a block', number],
  ['--width <n>', 'width', 'channels', number],
  ['--dropout <p>', 'dropout', 'dropout probability', number],
  ['--init-std <x>', 'initStd', 'standard deviation of the initial weights', number],
  ['--optimizer <name>', 'optimizer', optimizerNames.join(', ')],
  ['--lr <rate>', 'lr', 'peak learning rate', number],
  ['--schedule <name>', 'schedule', 'cosine, or wsd: stable, with a fall in the last fifth of the steps'],
  ['--warmup <n>', 'warmup', 'steps to the peak, at most a tenth of all', number],
  ['--weight-decay <x>', 'weightDecay', 'decoupled, on weights and embeddings', number],
  ['--clip <norm>', 'clip', 'largest norm of the gradients', number],
  [
    '--ema <decay>',
    'ema',
    'evaluate and keep averages of the weights over about 1/(1 − decay) steps',
    number,
  ],
  [
    '--max-skipped <n>',
    'maxSkipped',
    'most steps in a row that are skipped because they are not finite',
    number,
  ],
  ['--eval-every <n>', 'evalEvery', 'steps between evaluations, samples and checkpoints', number],
  ['--early-stop <n>', 'earlyStop', 'end after n evaluations without a better loss; 0: never', number],
  [
    '--keep <what>',
    'keep',
    'beside the last checkpoint: best, last (no other), or n: best and n newest',
    numberOrWord,
  ],
  ['--activation <name>', 'activation', activationNames().join(', ')],
  ['--hidden <n>', 'hidden', 'channels inside the feed-forward networks (default: 4·width)', number],
  ['--norm <name>', 'norm', 'layerNorm or rmsNorm (default: layerNorm)'],
  ['--norm-position <place>', 'normPosition', 'pre or post: before or after the branches (default: pre)'],
  ['--eps <x>', 'eps', 'ε of the norms (default: 1e-5, of rmsNorm 1e-6)', number],
  ['--parallel', 'parallel', 'attention and feed-forward network side by side'],
  ['--positions <kind>', 'positions', 'learned, sinusoidal, rotary or alibi (default: learned)'],
  ['--position-init <kind>', 'positionInit', 'start of learned positions, normal or sinusoidal'],
  ['--rotary-base <x>', 'rotaryBase', 'base of rotary positions (default: 10000)', number],
  [
    '--rotary-layout <kind>',
    'rotaryLayout',
    'channels in a pair, interleaved or half (default: interleaved)',
  ],
  ['--window <n>', 'window', 'positions that attention sees, counted back (default: all)', number],
  ['--key-value-heads <n>', 'keyValueHeads', 'heads of keys and values (default: as many as heads)', number],
  ['--head-size <n>', 'headSize', 'channels of a head (default: width/heads)', number],
  ['--qk-norm', 'qkNorm', 'normalize queries and keys'],
  ['--bias', 'bias', 'biases in linear layers and layer norms'],
  ['--tied-head', 'tiedHead', 'one weight for token embedding and head (the default)'],
  [
    '--output-init <kind>',
    'outputInit',
    'last layer of a branch at the start, residual or zeros (default: residual)',
  ],
  ['--logit-cap <x>', 'logitCap', 'bound that logits approach (default: none)', number],
];

/** The names of all settings. */
export const settingNames = settings.map(([, name]) => name);

/** Adds the flags of a run's settings to a command, with their defaults in the help. */
export function addSettings(command: Command): void {
  const usual: Settings = { ...defaults, ...defaults.model };
  for (const [flags, name, text, parse] of settings) {
    const help = usual[name] === undefined ? text : `${text} (default: ${usual[name]})`;
    if (parse) command.option(flags, help, parse);
    else command.option(flags, help);
    const isSwitch = !flags.includes('<');
    if (isSwitch) command.option(flags.replace('--', '--no-'), 'not so');
  }
}
