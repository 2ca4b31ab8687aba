/** `npm run bench -- --config nano`: milliseconds of a training step. */
import { cpus, loadavg } from 'node:os';
import type { Backend } from 'scratchformer/kernels';
import { type ConfigName, configs, describeConfig } from './configs.ts';
import { describeTimes, median, peakRssMB, report, rounded, thousands, timed, warmUp } from './measure.ts';
import { countParameters, training } from './step.ts';

export interface RunOptions {
  readonly config: ConfigName;
  readonly backend: Backend;
  readonly steps: number;
  readonly json: boolean;
}

export function benchTraining({ config, backend, steps, json }: RunOptions): void {
  if (!json) console.log(heading(config, backend));
  const { model, step } = training(configs[config]);
  const warm = warmUp(step, steps);
  const ms: number[] = [];
  let loss = Number.NaN;
  for (let i = 0; i < steps; i++) {
    const [time, result] = timed(step);
    ms.push(time);
    loss = result;
  }
  const result = summary(config, backend, countParameters(model), ms, loss);
  report(json, result, [
    `step      ${describeTimes(ms)}, after ${warm} to warm up`,
    `          ${thousands(result.tokensPerSecond)} tokens per second`,
    `model     ${thousands(result.parameters)} parameters, loss ${loss.toFixed(4)}`,
    `memory    ${result.peakRssMB} MB at the most`,
  ]);
}

/** Words for what runs where. A load above 0 means other processes: figures with threads suffer most. */
export function heading(config: ConfigName, { name, why }: Backend): string {
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`;
  const load = loadavg()[0]!.toFixed(1);
  return `${describeConfig(config)}\nbackend   ${name} (${why})\nmachine   ${machine}; load of the last minute ${load}`;
}

/** The fields of the JSON line. */
export function summary(
  config: ConfigName,
  backend: Backend,
  parameters: number,
  ms: number[],
  loss: number,
) {
  const { batchSize, context } = configs[config];
  const msPerStep = median(ms);
  return {
    config,
    backend: backend.name,
    threads: backend.threads,
    parameters,
    msPerStep: rounded(msPerStep),
    tokensPerSecond: Math.round((1000 * batchSize * context) / msPerStep),
    peakRssMB: peakRssMB(),
    loss: rounded(loss, 6),
  };
}
