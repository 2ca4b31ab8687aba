/** `npm run bench -- --generate`: tokens per second with the key–value cache. */
import { configs } from './configs.ts';
import { median, peakRssMB, report, rounded, thousands, timed, warmUp } from './measure.ts';
import { countParameters, training } from './step.ts';
import { heading, type RunOptions } from './training.ts';

const TOKENS = 200;
const PROMPT = [1, 2, 3, 4, 5, 6, 7, 8];

/** Beyond the context, the model starts again from the later half of it, as `generate` does for everybody. */
export function benchGeneration({ config, backend, steps, json }: RunOptions): void {
  if (!json) console.log(heading(config, backend));
  const { model } = training(configs[config]);
  const generate = () => model.generate(PROMPT, { maxTokens: TOKENS });
  warmUp(generate, steps);
  const ms = Array.from({ length: steps }, () => timed(generate)[0] / TOKENS);
  const msPerToken = median(ms);
  const result = {
    config,
    backend: backend.name,
    threads: backend.threads,
    parameters: countParameters(model),
    msPerToken: rounded(msPerToken),
    tokensPerSecond: Math.round(1000 / msPerToken),
    peakRssMB: peakRssMB(),
  };
  report(json, result, [
    `generate  ${thousands(result.tokensPerSecond)} tokens per second`,
    `          median of ${steps} texts of ${TOKENS} tokens after a prompt of ${PROMPT.length}`,
    `memory    ${result.peakRssMB} MB at the most`,
  ]);
}
