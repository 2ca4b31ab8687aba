import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface ScriptResult {
  /** null if the process had to be ended because it did not end by itself. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface ScriptOptions {
  readonly env?: Record<string, string>;
  readonly flags?: readonly string[];
}

export interface ProcessOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Kilobytes of address space that it may take, as by `ulimit -v`. */
  readonly addressSpace?: number;
}

/**
 * Runs an ES module in a process of its own, as users run theirs; its imports are relative to the project's
 * folder.
 */
export function runScript(
  source: string,
  { env = {}, flags = [] }: ScriptOptions = {},
): Promise<ScriptResult> {
  const args = [...flags, '--import', 'tsx', '--input-type=module', '-e', source];
  return runNode(args, { env });
}

/** Runs Node with these arguments, and of our own environment variables only those given. */
export async function runNode(args: readonly string[], options: ProcessOptions = {}): Promise<ScriptResult> {
  const { env = {}, cwd, addressSpace } = options;
  const others = Object.entries(process.env).filter(
    ([name]) => !/^(SCRATCHFORMER|VITEST|NODE_OPTIONS)/.test(name),
  );
  const command = [process.execPath, ...args];
  const limited = ['bash', '-c', `ulimit -v ${addressSpace} && exec "$@"`, 'bash', ...command];
  const [program, ...rest] = (addressSpace === undefined ? command : limited) as [string, ...string[]];
  const child = spawn(program, rest, {
    env: { ...Object.fromEntries(others), ...env },
    timeout: 100_000, // below the time that a test has
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const [[code], output, errors] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, output: output.trim(), errors };
}
