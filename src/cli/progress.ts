import cliProgress from 'cli-progress';
import type { Hook } from '../train/index.ts';

/** A display of training as it goes on. */
export interface Progress {
  /** Shows each step: a live line in a terminal, a plain line now and then elsewhere. */
  readonly hook: Hook;
  /** Prints above the live line. */
  print(text: string): void;
  /** Prints what is wrong but does not end training. */
  warn(text: string): void;
  /** Ends the live line. */
  stop(): void;
}

/** The display of a rank that others speak for. */
export const silence: Progress = { hook() {}, print() {}, warn() {}, stop() {} };

/** Makes a display of step, loss, tokens/s, learning rate and time left. */
export function progress(startStep: number, steps: number): Progress {
  const started = performance.now();
  let tokens = 0;
  const fields = (step: number, loss: number, lr: number) => {
    const seconds = (performance.now() - started) / 1000;
    const left = (seconds / (step - startStep)) * (steps - step);
    const rate = Math.round(tokens / seconds).toLocaleString('en-US');
    return `loss ${loss.toFixed(3)} · ${rate} tokens/s · lr ${lr.toExponential(1)} · ${duration(left)} left`;
  };
  if (!process.stderr.isTTY) {
    const interval = Math.max(1, Math.round(steps / 30));
    return {
      hook: ({ step, loss, lr, units: more, trainer }) => {
        tokens += more;
        if (step % interval === 0 || trainer.isLast)
          console.log(`step ${step}/${steps} · ${fields(step, loss, lr)}`);
      },
      print: (text) => console.log(text),
      warn: (text) => console.error(`warning: ${text}`),
      stop: () => {},
    };
  }
  const bars = new cliProgress.MultiBar({
    format: '{bar} step {value}/{total} · {fields}',
    barsize: 20,
    hideCursor: true,
    gracefulExit: false, // Ctrl-C is the trainer's to handle
  });
  const bar = bars.create(steps, startStep, { fields: '' });
  const print = (text: string) => {
    bars.log(`${text}\n`);
    bars.update(); // or what was printed last would be lost when the bar stops
  };
  return {
    hook: ({ step, loss, lr, units: more }) => {
      tokens += more;
      bar.update(step, { fields: fields(step, loss, lr) });
    },
    print,
    warn: (text) => print(`warning: ${text}`),
    stop: () => bars.stop(),
  };
}

/** Words for a time: `45 s`, `3 min 20 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  return minutes === 0 ? `${whole} s` : `${minutes} min ${whole % 60} s`;
}
