/**
 * The command line. Flags are named after the `Settings` of a run; what they mean is checked by what uses
 * them.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { type BackendName, useBackend } from '../kernels/index.ts';
import { InvariantError } from '../tensor/index.ts';
import { chat } from './chat.ts';
import { compare } from './compare.ts';
import { exportRun } from './export.ts';
import { finetune } from './finetune.ts';
import { addFinetuneFlags } from './finetuneFlags.ts';
import { importRun } from './import.ts';
import { evaluate, info, sample } from './inspect.ts';
import { watchOutput } from './interrupts.ts';
import { merge } from './merge.ts';
import { prepare } from './prepare.ts';
import { addSettings, number, unescaped } from './settingsFlags.ts';
import { train } from './train.ts';
import { watch } from './watch/watch.ts';

const program = new Command('scratchformer')
  .description('Train toy language models in Node, and sample from them.')
  .version(packageVersion());

const tokenizerFlag = ['--tokenizer <file>', 'the tokenizer of the training, if that was a program'] as const;

const trainCommand = program
  .command('train')
  .description('train a GPT on a text')
  .requiredOption('--out <folder>', 'where checkpoint and metrics go')
  .option(
    '--data <path>',
    'a UTF-8 text file, a folder of prepared tokens, or "stories", the built-in corpus',
  )
  .option('--config <file>', 'settings, as the config.json of a run has them; flags win over it')
  .option('--depth <n>', 'settings for a model of so many blocks; flags win over them', number)
  .option('--resume', 'go on from the checkpoint in the output folder')
  .option('--watch', 'serve a page on this machine that shows the run as it goes on')
  .option('--port <n>', 'of that page (default: 2017, or one that is free)', number)
  .option('--report <file>', 'write the page into one HTML file at the end');

program
  .command('prepare')
  .description('turn texts of any size into tokens to train on')
  .requiredOption('--data <files...>', 'UTF-8 texts, or records with a "text" (.jsonl), plain or gzip')
  .requiredOption('--out <folder>', 'where the tokens go')
  .option('--tokenizer <kind>', 'char, bytes, bpe, or the path of a tokenizer', 'bpe')
  .option('--vocab-size <n>', 'the most tokens of a bpe (default: 4096)', number)
  .option('--separator <text>', 'what stands between documents in a text (default: a file is one)')
  .action(prepare);

addSettings(trainCommand);
trainCommand.action(onBackend(train));

const checkpointFlag = [
  '--checkpoint <path>',
  'the output folder of the training, of which the best checkpoint is taken, or a checkpoint',
] as const;
const lastFlag = ['--last', 'take the last checkpoint of the folder, even if another was better'] as const;
const finetuneCommand = program
  .command('finetune')
  .description('train a model on prompts and answers: all weights, or by --lora small adapters alone')
  .requiredOption('--out <folder>', 'where checkpoint and metrics go')
  .option('--checkpoint <folder>', 'the output folder of the run to begin from')
  .option('--data <file>', 'JSON lines, each {"prompt": "…", "answer": "…"}; a tenth is held out')
  .option('--resume', 'go on from the checkpoint in the output folder');

addFinetuneFlags(finetuneCommand).action(onBackend(finetune));

program
  .command('merge')
  .description('put adapters into the weights of the model that they were trained on')
  .requiredOption('--checkpoint <folder>', 'the output folder of that model')
  .requiredOption('--adapter <folder>', 'the output folder of finetune --lora')
  .requiredOption('--out <folder>', 'where the merged model goes')
  .action(onBackend(merge));

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
  .option('--count <n>', 'how many texts to write, one after the other', number, 1)
  .action(onBackend(sample));

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
  .option('--seed <n>', 'of the random numbers', number, 1)
  .action(onBackend(chat));

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
  .option('--stride <n>', 'distance of the windows (default: a quarter of the context)', number)
  .action(onBackend(evaluate));

program
  .command('info')
  .description('the kernels in use; settings, parameters and weight-decay groups of a trained model')
  .option('--checkpoint <folder>', 'the output folder of the training')
  .option(...tokenizerFlag)
  .option('--data <folder>', 'prepared tokens, whose files are compared with their hashes')
  .action(onBackend(info));

program
  .command('compare')
  .description('runs beside each other: their losses, and the settings in which they differ')
  .argument('<runs...>', 'output folders of trainings')
  .action(compare);

program
  .command('export')
  .description('write a trained model for other programs')
  .requiredOption(...checkpointFlag)
  .option(...lastFlag)
  .option(...tokenizerFlag)
  .requiredOption('--format <name>', 'hf, for transformers in Python, or onnx, for ONNX runtimes')
  .requiredOption('--out <folder>', 'where its files go')
  .action(onBackend(exportRun));

program
  .command('import')
  .description('make a run of a model by transformers: GPT-2, LLaMA')
  .requiredOption('--from <folder>', 'the folder with config.json, weights and tokenizer')
  .requiredOption('--out <folder>', 'where the checkpoint goes')
  .action(onBackend(importRun));

for (const command of program.commands) {
  command
    .option('--backend <name>', 'auto, js, wasm or blas (default: $SCRATCHFORMER_BACKEND, or auto)')
    .option(
      '--threads <n>',
      'kernel threads (default: $SCRATCHFORMER_THREADS, or the cores, at most 8)',
      number,
    );
}

program
  .command('watch')
  .description('a page that shows runs, as they go on or afterwards')
  .argument('<runs...>', 'the output folders of the trainings')
  .option('--port <n>', 'of the page (default: 2017, or one that is free)', number)
  .option('--report <file>', 'write the page into one HTML file instead')
  .action(watch);

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
