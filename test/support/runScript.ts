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

/** Runs an ES module in a process of its own, as users run theirs; its imports are relative to the project's folder. */
export async function runScript(source: string, { env = {}, flags = [] }: ScriptOptions = {}): Promise<ScriptResult> {
  const args = [...flags, '--import', 'tsx', '--conditions=scratchformer-source', '--input-type=module', '-e', source];
  const others = Object.entries(process.env).filter(([name]) => !/^(SCRATCHFORMER|VITEST|NODE_OPTIONS)/.test(name));
  const child = spawn(process.execPath, args, {
    env: { ...Object.fromEntries(others), ...env },
    timeout: 50_000,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], output, errors] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, output: output.trim(), errors };
}
