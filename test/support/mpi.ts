/** The MPIs of this system, and programs that run on several of their ranks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { text } from 'node:stream/consumers';
import { root } from './root.ts';

/** An MPI: how it starts ranks, more than there are cores too. */
export interface Launcher {
  readonly name: string;
  readonly command: readonly string[];
}

const all: readonly Launcher[] = [
  { name: 'MPICH', command: ['mpirun.mpich'] },
  { name: 'Open MPI', command: ['mpirun.openmpi', '--oversubscribe', '--allow-run-as-root'] },
];

/** The MPIs that are there. Where SCRATCHFORMER_NEEDS_MPI is set, it is an error if one is not. */
export const launchers = all.filter(({ name, command }) => {
  const there = process.env.PATH!.split(':').some((folder) => isProgram(`${folder}/${command[0]}`));
  if (!there && process.env.SCRATCHFORMER_NEEDS_MPI)
    throw new Error(`there is no ${name} (apt-get install mpich openmpi-bin)`);
  return there;
});

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface RanksOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Gets the launcher's process once it runs. */
  readonly whileRunning?: (child: ChildProcess) => Promise<void>;
}

/** Runs Node with these arguments on so many ranks; on one process without a launcher, if there is none. */
export async function onRanks(
  launcher: Launcher | null,
  ranks: number,
  args: readonly string[],
  { env = {}, whileRunning }: RanksOptions = {},
): Promise<{ code: number | null; output: string; errors: string }> {
  const start = launcher === null ? [] : [...launcher.command, '-n', `${ranks}`];
  const [program, ...rest] = [...start, process.execPath, ...args] as [string, ...string[]];
  const inherited = Object.entries(process.env).filter(([name]) => !/^(SCRATCHFORMER|VITEST)/.test(name));
  const child = spawn(program, rest, {
    cwd: root,
    env: { ...Object.fromEntries(inherited), SCRATCHFORMER_THREADS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const texts = [text(child.stdout), text(child.stderr)] as const;
  const [code, output, errors] = await Promise.all([closed, ...texts, whileRunning?.(child)]);
  return { code, output, errors };
}

/** Arguments that run a TypeScript program of the tests. */
export const programArgs = (path: string) => ['--import', 'tsx', path];
