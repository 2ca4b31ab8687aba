/** Ranks that die, end, or are not alike: the job ends soon, says why, and goes on from its checkpoint. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { loadCheckpoint } from '../../src/train/index.ts';
import { metricsText, small } from '../support/cli.ts';
import { type Launcher, launchers, onRanks } from '../support/mpi.ts';
import { program } from '../support/program.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const MINUTES = 60_000;
/** How often a rank is killed. */
const KILLS = Number(process.env.SCRATCHFORMER_KILLS ?? 2);
const STEPS = 60 + 20 * KILLS;
const random = (below: number) => Math.floor(Math.random() * below);
const folder = suiteFolder();
const data = join(folder, 'text.txt');
writeFileSync(
  data,
  'Wer reitet so spät durch Nacht und Wind?\nEs ist der Vater mit seinem Kind.\n\n'.repeat(20),
);

const begin = (out: string, ...more: string[]) => [program, 'train', '--data', data, '--out', join(folder, out), '--backend', 'wasm', '--steps', `${STEPS}`, '--eval-every', '5', '--dropout', '0.1', ...small, ...more]; // biome-ignore format: a command line
const goOn = (out: string) => [program, 'train', '--out', join(folder, out), '--resume', '--backend', 'wasm'];
const checkpoint = (out: string) => join(folder, out, 'checkpoint.safetensors');

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

/** Sends a signal to a process. One that has ended by itself is as good. */
function send(signal: NodeJS.Signals, to: number | undefined): void {
  try {
    if (to !== undefined) process.kill(to, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The numbers of the processes, rank by rank, once the run has said them; none, if it ends before. */
async function processesOf(child: ChildProcess): Promise<number[]> {
  let printed = '';
  child.stdout!.on('data', (data) => {
    printed += data;
  });
  while (isRunning(child)) {
    const line = /^ranks: .*processes (.*)$/m.exec(printed)?.[1];
    if (line && printed.includes('Ctrl-C'))
      return line.split(', ').map((place) => Number.parseInt(place, 10));
    await setTimeout(5);
  }
  return [];
}

/** Runs until a random moment, at which a random rank is killed. */
async function killed(launcher: Launcher, ranks: number, args: readonly string[]) {
  let [victim, since] = [0, 0];
  const whileRunning = async (child: ChildProcess) => {
    const processes = await processesOf(child);
    await setTimeout(random(1500));
    victim = random(ranks);
    since = performance.now();
    if (isRunning(child)) send('SIGKILL', processes[victim]);
  };
  const ended = await onRanks(launcher, ranks, args, { whileRunning });
  return { ...ended, victim, seconds: (performance.now() - since) / 1000 };
}

describe.skipIf(launchers.length === 0)('a job', () => {
  test(`in which ${KILLS} times a rank is killed ends with the bytes of an unbroken one`, {
    timeout: (5 + KILLS) * MINUTES,
  }, async () => {
    const three = (out: string) => begin(out, '--accumulate', '3');
    expect(await onRanks(launchers[0]!, 2, three('unbroken'))).toMatchObject({ code: 0, errors: '' });
    for (let i = 0; i < KILLS; i++) {
      const args = existsSync(checkpoint('broken')) ? goOn('broken') : three('broken');
      const launcher = launchers[i % launchers.length]!;
      const more = i % 2 === 0 ? [] : ['--shard-optimizer'];
      const { code, seconds, output, errors } = await killed(launcher, 2 + (i % 2), [...args, ...more]);
      if (output.includes('more text:')) break; // it was faster
      expect(code, output + errors).not.toBe(0);
      expect(seconds).toBeLessThan(60);
    }
    const last = existsSync(checkpoint('broken')) ? goOn('broken') : three('broken');
    const ended = await onRanks(launchers[0]!, 2, last);
    if (!ended.errors.includes('has steps left')) expect(ended, ended.errors).toMatchObject({ code: 0 });
    expect(metricsText(join(folder, 'broken'))).toBe(metricsText(join(folder, 'unbroken')));
    const [broken, unbroken] = [checkpoint('broken'), checkpoint('unbroken')].map((path) =>
      readFileSync(path),
    );
    expect(broken!.equals(unbroken!)).toBe(true);
  });

  test.each(launchers)(
    'of $name stops on all ranks when one gets a signal, saves, and says which',
    async (launcher) => {
      const out = `interrupted by ${launcher.name}`;
      const args = begin(out, '--steps', '100000', '--shard-optimizer');
      const { code, output, errors } = await onRanks(launcher, 2, args, {
        async whileRunning(child) {
          const processes = await processesOf(child);
          await setTimeout(500 + random(500));
          send('SIGTERM', processes[1]);
        },
      });
      expect(code, errors).toBe(128 + constants.signals.SIGTERM);
      expect(output).toContain('steps of 2 × 4 × 16 characters'); // a batch for each rank, by itself
      const step = /stopped after step (\d+); go on with/.exec(output)?.[1];
      expect((await loadCheckpoint(checkpoint(out))).step).toBe(Number(step));
    },
  );

  test.each([
    [['--seed', '2'], 'seed (a setting). got 1 on rank 0; 2 on rank 1.'],
    [['--reduction', 'anyOrder'], '--reduction. got inOrder on rank 0; anyOrder on rank 1.'],
    [['--shard-optimizer'], '--shard-optimizer. got false on rank 0; true on rank 1.'],
  ])('of whose ranks one has %j is refused, with the difference', async (more, difference) => {
    const args = begin('refused');
    const other = ['-n', '1', process.execPath, ...args, ...more];
    const { code, output, errors } = await onRanks(launchers[0]!, 1, [...args, ':', ...other]);
    expect(code).not.toBe(0);
    expect(errors).toContain(`distributed: every rank has the same ${difference}`);
    expect(errors.match(/error:/g)).toHaveLength(1);
    expect(output).toBe('');
    expect(existsSync(join(folder, 'refused'))).toBe(false);
  });

  test('in which one rank fails names it', async () => {
    const args = begin('fails');
    const other = ['-n', '1', process.execPath, ...args, '--data', join(folder, 'missing.txt')];
    const { code, errors } = await onRanks(launchers.at(-1)!, 1, [...args, ':', ...other]);
    expect(code).not.toBe(0);
    expect(errors).toMatch(/error: nothing is wrong on rank 0; textFile .*missing\.txt.* on rank 1/);
  });

  test.each(launchers)('of $name with another library is refused', async (launcher) => {
    const env = { SCRATCHFORMER_MPI: launcher.name === 'MPICH' ? 'libmpi.so.40' : 'libmpich.so.12' };
    const { code, errors } = await onRanks(launcher, 2, begin('refused'), { env });
    expect(code).not.toBe(0);
    expect(errors).toContain(
      `the world has as many ranks as its launcher, ${launcher.name}'s mpirun, promised: 2. got 1`,
    );
  });
});
