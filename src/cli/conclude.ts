import { join } from 'node:path';
import type { Run } from './build.ts';
import type { Corpus } from './corpus.ts';
import { files } from './folder.ts';
import { validate } from './hooks.ts';
import type { LogFile } from './logFile.ts';
import { countGrammatical, indented, sampleText, TEMPERATURE } from './samples.ts';
import { unitOf } from './tokenizer.ts';

/**
 * Prints the loss beside the best possible one, the share of grammatical stories, samples, and where the
 * checkpoint is.
 */
export function conclude(out: string, run: Run, corpus: Corpus, log: LogFile): void {
  const { steps: step } = run.config;
  const { loss, bits, best, extent } = validate(run, corpus, 20_000);
  log.add({ step, finalValidationLoss: loss, finalValidationBitsPerByte: bits });
  const unit = unitOf(corpus.tokenizer);
  console.log(
    `\nvalidation loss ${loss.toFixed(4)} nats per ${unit}, ${bits.toFixed(4)} bits per byte, ${extent}`,
  );
  if (best !== undefined) {
    const above = (100 * (loss / best - 1)).toFixed(1);
    const count = 100;
    const [bold, plain] = [TEMPERATURE, 1].map((at) => countGrammatical(run.model, corpus, count, at));
    log.add({ step, entropy: best, grammaticalShare: bold! / count });
    console.log(
      `best possible   ${best.toFixed(4)}, the entropy of the grammar; the loss is ${above} % above it`,
    );
    console.log(
      `grammatical     ${bold} of ${count} stories sampled at temperature ${TEMPERATURE}, ${plain} at 1.0`,
    );
  }
  console.log(`\nsamples (temperature ${TEMPERATURE}):`);
  for (let i = 0; i < 5; i++) {
    if (i > 0 && !corpus.grammar) console.log('  ---');
    console.log(indented(sampleText(run.model, corpus)));
  }
  console.log(`\ncheckpoint: ${join(out, files.checkpoint)}`);
  console.log(`more text:  npx scratchformer sample --checkpoint ${out}`);
}
