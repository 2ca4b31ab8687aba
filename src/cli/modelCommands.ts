import type { Command } from 'commander';
import { onBackend } from './backendFlags.ts';
import { chat } from './chat.ts';
import { compare } from './compare.ts';
import { exportRun } from './export.ts';
import { importRun } from './import.ts';
import { evaluate, info, sample } from './inspect.ts';
import { number, unescaped } from './settingsFlags.ts';
import { watch } from './watch/watch.ts';

const tokenizerFlag = ['--tokenizer <file>', 'the tokenizer of the training, if that was a program'] as const;
const checkpointFlag = [
  '--checkpoint <path>',
  'the output folder of the training, of which the best checkpoint is taken, or a checkpoint',
] as const;
const lastFlag = ['--last', 'take the last checkpoint of the folder, even if another was better'] as const;

/** Adds the commands that use models. */
export function addModelCommands(program: Command): void {
  addWritingCommands(program);
  onBackend(
    program
      .command('eval')
      .description('the loss of a trained model on a text')
      .requiredOption(...checkpointFlag)
      .option(...lastFlag)
      .option(...tokenizerFlag)
      .option(
        '--data <path>',
        'a UTF-8 text file, prepared tokens, or "stories" (default: the validation part of the training text)',
      )
      .option('--stride <n>', 'distance of the windows (default: a quarter of the context)', number),
    evaluate,
  );

  onBackend(
    program
      .command('info')
      .description('the kernels in use; settings, parameters and weight-decay groups of a trained model')
      .option('--checkpoint <folder>', 'the output folder of the training')
      .option(...tokenizerFlag)
      .option('--data <folder>', 'prepared tokens, whose files are compared with their hashes'),
    info,
  );

  program
    .command('compare')
    .description('runs beside each other: their losses, and the settings in which they differ')
    .argument('<runs...>', 'output folders of trainings')
    .action(compare);

  onBackend(
    program
      .command('export')
      .description('write a trained model for other programs')
      .requiredOption(...checkpointFlag)
      .option(...lastFlag)
      .option(...tokenizerFlag)
      .requiredOption('--format <name>', 'hf, for transformers in Python, or onnx, for ONNX runtimes')
      .requiredOption('--out <folder>', 'where its files go'),
    exportRun,
  );

  onBackend(
    program
      .command('import')
      .description('make a run of a model by transformers: GPT-2, LLaMA')
      .requiredOption('--from <folder>', 'the folder with config.json, weights and tokenizer')
      .requiredOption('--out <folder>', 'where the checkpoint goes'),
    importRun,
  );

  program
    .command('watch')
    .description('a page that shows runs, as they go on or afterwards')
    .argument('<runs...>', 'the output folders of the trainings')
    .option('--port <n>', 'of the page (default: 2017, or one that is free)', number)
    .option('--report <file>', 'write the page into one HTML file instead')
    .action(watch);
}

/** Adds the commands by which a model writes. */
function addWritingCommands(program: Command): void {
  onBackend(
    program
      .command('sample')
      .description('write text with a trained model')
      .requiredOption(...checkpointFlag)
      .option(...lastFlag)
      .option(...tokenizerFlag)
      .option(
        '--prompt <text>',
        'what the text begins with (default: a line break, or what the model knows instead)',
      )
      .option('--max-tokens <n>', 'how many tokens to write', number, 500)
      .option('--temperature <x>', 'below 1 bolder, 0 only the most probable', number, 0.8)
      .option('--top-k <k>', 'draw from the k most probable only', number)
      .option('--top-p <p>', 'draw from the most probable that sum to p', number)
      .option('--seed <n>', 'of the random numbers', number, 1)
      .option('--stop <text>', 'the text ends before this, such as the name of a special token', unescaped)
      .option('--count <n>', 'how many texts to write, one after the other', number, 1),
    sample,
  );

  onBackend(
    program
      .command('chat')
      .description('answer line by line; Ctrl-C ends an answer, and then the program')
      .requiredOption(...checkpointFlag)
      .option(...lastFlag)
      .option(...tokenizerFlag)
      .option('--template <text>', 'what stands around your line, {}, in the prompt', unescaped, '{}')
      .option(
        '--stop <text>',
        'an answer ends before this (default: <|endoftext|>, else a line break)',
        unescaped,
      )
      .option('--max-tokens <n>', 'most tokens of an answer', number, 500)
      .option('--temperature <x>', 'below 1 bolder, 0 only the most probable', number, 0.8)
      .option('--top-k <k>', 'draw from the k most probable only', number)
      .option('--top-p <p>', 'draw from the most probable that sum to p', number)
      .option('--seed <n>', 'of the random numbers', number, 1),
    chat,
  );
}
