import { constants } from 'node:os';

/**
 * Requests to end a command: Ctrl-C (SIGINT), a system that shuts down (SIGTERM), a terminal that closes
 * (SIGHUP), and output that nobody reads any more, as after `| head`.
 */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const exit = (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1);
let whenOutputFails: (error: NodeJS.ErrnoException) => void = exit;

/** Ends the process quietly when its output fails, unless `onFirstInterrupt` has better to do. */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error) => whenOutputFails(error));
}

/**
 * Milliseconds within which signals are one: npm sends on to its child what the terminal sent to both.
 */
const TOGETHER = 500;

/**
 * Calls `action` at the first interrupt. After it a signal ends the process at once, and failing output is
 * ignored: a terminal that closes takes the output with it.
 *
 * @param action gets the exit code that says what came: 128 and the number of a signal, 0 for output that
 *   nobody reads
 * @returns what takes this back, unless it has happened
 */
export function onFirstInterrupt(action: (exitCode: number) => void): () => void {
  const forgetSignals = () => {
    for (const signal of signals) process.off(signal, interrupt);
  };
  let interrupted = false;
  const interrupt = (signal: NodeJS.Signals | null) => {
    if (interrupted) return;
    interrupted = true;
    setTimeout(forgetSignals, TOGETHER).unref();
    action(signal === null ? 0 : 128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, interrupt);
  whenOutputFails = () => interrupt(null);
  return () => {
    if (interrupted) return;
    forgetSignals();
    whenOutputFails = exit;
  };
}
