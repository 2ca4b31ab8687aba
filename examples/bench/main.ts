// How fast is it here?
//
//     npm run bench -- --config nano                       a training step: milliseconds, tokens per second, memory
//     npm run bench -- --config nano --backend js --json   the plain kernels; one line of JSON
//     npm run bench -- --config nano --vs pytorch          beside the same step in PyTorch, in turns
//     npm run bench -- --config nano --profile             kernel by kernel
//     npm run bench -- --config nano --under-load          beside two other busy processes
//     npm run bench -- --ops                               LSTM, convolutions, CTC beside PyTorch's
//     npm run bench -- --generate --config nano            text: tokens per second
//     npm run bench -- --choices                           optimizers, norms, activations: loss for the same time
//     npm run bench -- --gemm                              matrix products by every backend, in GFLOP/s

import { Command, InvalidArgumentError, Option } from 'commander';
import { InvariantError } from 'scratchformer';
import { type BackendName, backendInUse, useBackend } from 'scratchformer/kernels';
import { benchChoices } from './choices.ts';
import { type ConfigName, configs, defaultSteps } from './configs.ts';
import { benchGemm } from './gemm.ts';
import { benchGeneration } from './generation.ts';
import { benchOps } from './ops.ts';
import { benchProfile } from './profile.ts';
import { benchAgainstPyTorch } from './pytorch.ts';
import { benchTraining } from './training.ts';
import { benchUnderLoad } from './underLoad.ts';

interface Flags {
  readonly config: ConfigName;
  readonly backend?: BackendName | 'auto';
  readonly threads?: number;
  readonly steps?: number;
  readonly json: boolean;
  readonly generate?: boolean;
  readonly gemm?: boolean;
  readonly ops?: boolean;
  readonly choices?: boolean;
  readonly profile?: boolean;
  readonly underLoad?: boolean;
  readonly vs?: 'pytorch';
}

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number ≥ 1.');
  return value;
};

const program = new Command('bench')
  .description(
    'Measure Scratchformer on this machine. A step is batch, forward, backward, clipping and AdamW.',
  )
  .addOption(new Option('--config <name>', 'size of the model').choices(Object.keys(configs)).default('nano'))
  .addOption(
    new Option('--backend <name>', 'whose kernels').choices(['auto', 'js', 'wasm', 'blas', 'webgpu']),
  )
  .option('--threads <n>', 'threads of the backend (default: the cores, at most 8)', count)
  .option('--steps <n>', 'measured steps, texts or rounds', count)
  .option('--json', 'a line of JSON instead of text', false)
  .addOption(
    new Option('--generate', 'measure generation with the key–value cache').conflicts(['gemm', 'vs']),
  )
  .addOption(
    new Option('--ops', "measure LSTM, convolutions and CTC beside PyTorch's").conflicts(['config', 'vs']),
  )
  .addOption(
    new Option('--choices', 'compare optimizers, norms and activations, for the same time').conflicts([
      'config',
      'vs',
      'ops',
      'gemm',
    ]),
  )
  .addOption(
    new Option('--profile', 'measure a step kernel by kernel').conflicts(['gemm', 'generate', 'underLoad']),
  )
  .addOption(
    new Option('--under-load', 'measure a step beside two other busy processes').conflicts([
      'gemm',
      'generate',
      'vs',
    ]),
  )
  .addOption(
    new Option('--gemm', 'measure matrix products, by every backend').conflicts(['config', 'backend', 'vs']),
  )
  .addOption(
    new Option('--vs <other>', 'measure another framework in turns with this one').choices(['pytorch']),
  )
  .action(bench);

async function bench({
  config,
  backend: name,
  threads,
  steps,
  json,
  generate,
  gemm,
  ops,
  choices,
  profile,
  underLoad,
  vs,
}: Flags): Promise<void> {
  const chosen = threads === undefined ? {} : { threads };
  if (gemm) return benchGemm({ ...chosen, rounds: steps ?? 9, json });
  // Without flags: what the environment says, or else the fastest.
  const backend = (name ?? threads) ? useBackend(name ?? 'auto', chosen) : backendInUse();
  if (choices) return benchChoices(backend, steps ?? 2500, json);
  if (ops) return benchOps(backend, steps ?? 10, json);
  if (generate) return benchGeneration({ config, backend, steps: steps ?? 10, json });
  const options = { config, backend, steps: steps ?? defaultSteps[config], json };
  if (profile) return benchProfile(options);
  if (underLoad) return benchUnderLoad(options);
  return vs ? benchAgainstPyTorch(options) : benchTraining(options);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof InvariantError)) throw error;
  console.error(`error: ${error.message}`);
  process.exit(1); // whatever other process still waits for an answer
}
