import { every, type Hook } from 'scratchformer/train';

/** A line of progress, some eight times in a run: `step 500 of 4000: loss 0.731, 12 s`. */
export function progress(steps: number): Hook {
  const start = performance.now();
  return every(Math.ceil(steps / 8), ({ step, loss }) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`step ${step} of ${steps}: loss ${loss.toFixed(3)}, ${seconds} s`);
  });
}
