import type { Command } from 'commander';
import { onBackend } from './backendFlags.ts';
import { finetune } from './finetune.ts';
import { addFinetuneFlags } from './finetuneFlags.ts';
import { merge } from './merge.ts';
import { prepare } from './prepare.ts';
import { joinRanks, onRanks } from './ranks.ts';
import { addSettings, number } from './settingsFlags.ts';
import { train } from './train.ts';

/** Adds the commands that make models. */
export function addTrainingCommands(program: Command): void {
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
    .option('--from <checkpoint>', 'go on from the last, the best or a file, perhaps with another --lr')
    .option('--watch', 'serve a page on this machine that shows the run as it goes on')
    .option('--port <n>', 'of that page (default: 2017, or one that is free)', number)
    .option('--report <file>', 'write the page into one HTML file at the end')
    .option('--reduction <order>', 'gradients of ranks: inOrder, or anyOrder, by MPI (default: inOrder)')
    .option('--shard-optimizer', 'each of the ranks keeps a share of the optimizer state; same result')
    .hook('preAction', joinRanks);
  addSettings(trainCommand);
  onBackend(trainCommand, onRanks(train));

  program
    .command('prepare')
    .description('turn texts of any size into tokens to train on')
    .requiredOption('--data <files...>', 'UTF-8 texts, or records with a "text" (.jsonl), plain or gzip')
    .requiredOption('--out <folder>', 'where the tokens go')
    .option('--tokenizer <kind>', 'char, bytes, bpe, or the path of a tokenizer', 'bpe')
    .option('--vocab-size <n>', 'the most tokens of a bpe (default: 4096)', number)
    .option('--separator <text>', 'what stands between documents in a text (default: a file is one)')
    .action(prepare);

  const finetuneCommand = program
    .command('finetune')
    .description('train a model on prompts and answers: all weights, or by --lora small adapters alone')
    .requiredOption('--out <folder>', 'where checkpoint and metrics go')
    .option('--checkpoint <folder>', 'the output folder of the run to begin from')
    .option('--data <file>', 'JSON lines, each {"prompt": "…", "answer": "…"}; a tenth is held out')
    .option('--resume', 'go on from the checkpoint in the output folder');
  addFinetuneFlags(finetuneCommand);
  onBackend(finetuneCommand, finetune);

  onBackend(
    program
      .command('merge')
      .description('put adapters into the weights of the model that they were trained on')
      .requiredOption('--checkpoint <folder>', 'the output folder of that model')
      .requiredOption('--adapter <folder>', 'the output folder of finetune --lora')
      .requiredOption('--out <folder>', 'where the merged model goes'),
    merge,
  );
}
