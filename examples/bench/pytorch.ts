/**
 * `npm run bench -- --vs pytorch`: the same step here and in PyTorch, in turns, on the same machine at the
 * same time.
 */
import { execFileSync, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { check, fail } from 'scratchformer';
import { type Config, configs } from './configs.ts';
import { describeTimes, median, report, rounded, thousands, timed, warmUp } from './measure.ts';
import { countParameters, training } from './step.ts';
import { heading, type RunOptions, summary } from './training.ts';

const script = fileURLToPath(new URL('gpt_pytorch.py', import.meta.url));

/** Facts that gpt_pytorch.py tells of itself. */
interface About {
  readonly version: string;
  readonly blas: string;
  readonly threads: number;
  readonly attention: string;
  readonly optimizer: string;
  readonly parameters: number;
}

type PyTorch = Awaited<ReturnType<typeof startPyTorch>>;

interface Round {
  readonly ms: number[];
  readonly loss: number;
}

export async function benchAgainstPyTorch({ config, backend, steps, json }: RunOptions): Promise<void> {
  if (!json) console.log(heading(config, backend));
  const rounds = Math.min(10, steps);
  const perRound = Math.ceil(steps / rounds);
  const theirs = await betterPyTorch(findPython(), configs[config], perRound, json);
  const { model, step } = training(configs[config]);
  const parameters = countParameters(model);
  check(
    parameters === theirs.about.parameters,
    'bench --vs pytorch',
    `both models have ${parameters} parameters`,
    () => `${theirs.about.parameters} in PyTorch`,
  );
  warmUp(step, steps);
  const ours: Round = { ms: [], loss: Number.NaN };
  const their: Round = { ms: [], loss: Number.NaN };
  for (let i = 0; i < rounds; i++) {
    append(ours, roundOf(step, perRound));
    append(their, await theirs.round(perRound));
  }
  theirs.stop();
  const ratio = median(ours.ms) / median(their.ms);
  const result = summary(config, backend, parameters, ours.ms, ours.loss);
  const pytorch = { ...theirs.about, msPerStep: rounded(median(their.ms)), loss: rounded(their.loss, 6) };
  report(json, { ...result, pytorch, ratio: rounded(ratio, 3) }, [
    `ours      ${describeTimes(ours.ms)}, loss ${ours.loss.toFixed(4)}`,
    `PyTorch   ${describeTimes(their.ms)}, loss ${their.loss.toFixed(4)}`,
    `ratio     ${ratio.toFixed(3)} (ours / PyTorch's, medians of ${rounds} interleaved rounds)`,
  ]);
}

/** As there, the first step of a round is not counted. */
function roundOf(step: () => number, steps: number): Round {
  step();
  const results = Array.from({ length: steps }, () => timed(step));
  return { ms: results.map(([ms]) => ms), loss: results.at(-1)![1] };
}

function append(total: Round, { ms, loss }: Round): void {
  total.ms.push(...ms);
  Object.assign(total, { loss });
}

/** The first Python that has torch. */
export function findPython(): string {
  const candidates = [process.env.PYTHON, 'python3', '/usr/bin/python3'].filter((path) => path !== undefined);
  for (const python of candidates) {
    try {
      execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
      return python;
    } catch {}
  }
  fail(
    'bench --vs pytorch',
    'there is a Python with torch',
    `none among ${candidates.join(', ')}`,
    'sudo apt install python3-torch libopenblas0, or pip install torch, or set PYTHON',
  );
}

/** One process for each thread count that may be best; all but the fastest are stopped. */
async function betterPyTorch(python: string, config: Config, steps: number, quiet: boolean) {
  const cores = availableParallelism();
  const counts = [...new Set([1, Math.ceil(cores / 2), cores])];
  const tried: { one: PyTorch; threads: number; all: number[]; ms: number }[] = [];
  for (const threads of counts)
    tried.push({ one: await startPyTorch(python, config, threads), threads, all: [], ms: 0 });
  for (let round = 0; round < 3; round++) {
    for (const { one, all } of tried) all.push(...(await one.round(steps)).ms);
  }
  for (const entry of tried) entry.ms = median(entry.all);
  tried.sort((a, b) => a.ms - b.ms);
  for (const { one } of tried.slice(1)) one.stop();
  const best = tried[0]!.one;
  if (!quiet) {
    const times = tried.map(({ threads, ms }) => `${threads}: ${ms.toFixed(2)} ms`).join(', ');
    const { version, blas, threads, attention, optimizer, parameters } = best.about;
    console.log(
      `PyTorch   ${version}, BLAS ${blas}, ${threads} thread${threads === 1 ? '' : 's'} (best of ${times})`,
    );
    console.log(`          ${attention} attention, AdamW ${optimizer}, ${thousands(parameters)} parameters`);
  }
  return best;
}

/** A Python process that answers each number of steps with a round. */
async function startPyTorch(python: string, config: Config, threads: number) {
  const { about, ask, stop } = await startPython<About>(python, script, JSON.stringify(config), `${threads}`);
  return { about, round: (steps: number) => ask<Round>(steps), stop };
}

/** A Python process that says what it is, and then answers each line of JSON with another. */
export async function startPython<A>(python: string, ...args: string[]) {
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done) fail('bench --vs pytorch', `${args[0]} answers`, 'its end', 'see what it printed above');
    return JSON.parse(value) as T;
  };
  const about = await next<A>();
  const ask = <T>(question: unknown) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return next<T>();
  };
  return { about, ask, stop: () => child.stdin.end() };
}
