import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { every, type Hook } from '../../train/index.ts';
import type { Run } from '../build.ts';
import type { Corpus } from '../corpus.ts';
import { files } from '../folder.ts';
import { bestPossible } from '../hooks.ts';
import { measureStep } from './layers.ts';
import { firstLine, probeAttention } from './probe.ts';

/** Writes what the page shows beside the metrics into `watch.jsonl`, with times, and never changes the run. */
export interface Recorder {
  /** Goes where the trainer calls it between the backward pass and the update. */
  readonly afterBackward: () => void;
  /** The hooks of a run with those that record before and after them. */
  readonly around: (hooks: readonly Hook[]) => Hook[];
  /** Records a sample of what the model writes. */
  readonly sample: (step: number, text: string) => void;
}

/** Steps of a run whose layers are measured: enough for a curve; each costs a tenth of a step or less. */
const MEASURED = 200;
/** Least milliseconds between two lines about the speed. */
const INTERVAL = 500;

/** Makes a recorder for a run that writes to `out`, from the step it starts at. */
export function recorder(out: string, run: Run, corpus: Corpus, startStep: number): Recorder {
  const { model, config } = run;
  const log = (step: number, values: object) =>
    appendFileSync(join(out, files.watch), `${JSON.stringify({ step, ...values })}\n`);
  const interval = Math.max(1, Math.round(config.steps / MEASURED));
  let step = startStep;
  let measured: ReturnType<typeof measureStep> | undefined;
  const speed = speedometer();
  const begin: Hook = (event) => {
    if (step === startStep) log(startStep, { about: about(run, corpus, event.units) });
    step = event.step;
    const tokensPerSecond = speed.pass(event.units);
    if (tokensPerSecond !== null) log(step, { tokensPerSecond });
    if (measured) log(step, measured());
    measured = undefined;
  };
  const decode = (ids: number[]) => corpus.tokenizer.decode(ids);
  const probe = firstLine(corpus.validation, { decode, context: model.options.context });
  const look = every(config.evalEvery, () => log(step, { attention: probeAttention(model, probe, decode) }), {
    whenStopped: false,
  });
  return {
    afterBackward: () => {
      if ((step + 1) % interval === 0 || step === startStep) measured = measureStep(model);
    },
    around: (hooks) => [begin, ...hooks, look, () => speed.restart()],
    sample: (step, text) => log(step, { sample: text }),
  };
}

/** What does not change during a run. */
function about({ config, model }: Run, corpus: Corpus, tokensPerStep: number) {
  const parameters = model.parameters().reduce((total, { size }) => total + size, 0);
  const { name, validation } = corpus;
  const entropy = bestPossible(corpus, validation.subarray(0, Math.min(20_000, validation.length)));
  return { data: name, steps: config.steps, tokensPerStep, parameters, entropy };
}

/** Tokens per second of the steps alone, whatever hooks take between them; the first step only starts the clock. */
function speedometer() {
  let [tokens, milliseconds] = [0, 0];
  let began: number | undefined;
  return {
    /** Counts a step; returns the speed since the last time that it did, if that is long enough ago. */
    pass(more: number): number | null {
      if (began === undefined) return null;
      tokens += more;
      milliseconds += performance.now() - began;
      if (milliseconds < INTERVAL) return null;
      const speed = Math.round((1000 * tokens) / milliseconds);
      [tokens, milliseconds] = [0, 0];
      return speed;
    },
    restart(): void {
      began = performance.now();
    },
  };
}
