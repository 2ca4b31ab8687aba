/** Runs that are interrupted at random steps, by every signal, lose nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { metricsText, scratchformer, small } from '../support/cli.ts';
import { root } from '../support/root.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const MINUTES = 60_000;
const STEPS = 1000;
const random = (below: number) => Math.floor(Math.random() * below);

/** Arguments of a run with everything that draws random numbers: batches, dropout, samples. */
function trainArgs(folder: string, out: string, ...more: string[]): string[] {
  const text = join(folder, 'text.txt');
  writeFileSync(
    text,
    'Wer reitet so spät durch Nacht und Wind?\nEs ist der Vater mit seinem Kind.\n\n'.repeat(20),
  );
  return ['train', '--data', text, '--out', join(folder, out), '--steps', `${STEPS}`, '--eval-every', '70', '--dropout', '0.1', ...small, ...more]; // biome-ignore format: a command line
}

const stepsDone = (out: string) => (existsSync(join(out, 'metrics.jsonl')) ? metricsText(out).match(/"loss"/g)?.length ?? 0 : 0); // biome-ignore format: one line reads better

/** Sends the signal as soon as the run has done so many steps, wherever in the next one it is then. */
async function signalAfter(
  child: ChildProcess,
  signal: NodeJS.Signals,
  out: string,
  steps: number,
): Promise<void> {
  while (child.exitCode === null && stepsDone(out) < steps) await setTimeout(1);
  await setTimeout(random(4));
  child.kill(signal);
}

test('a run interrupted at 9 random steps by SIGINT, SIGTERM and SIGHUP ends with the bytes of an unbroken one', {
  timeout: 15 * MINUTES,
}, async () => {
  const folder = temporaryFolder();
  const unbroken = scratchformer(trainArgs(folder, 'unbroken'));
  const out = join(folder, 'broken');
  const stops: number[] = [];
  for (let i = 0; i < 9; i++) {
    const args = i === 0 ? trainArgs(folder, 'broken') : ['train', '--out', out, '--resume'];
    const signal = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const)[i % 3]!;
    const before = stops.at(-1) ?? 0;
    const interrupted = await scratchformer(args, {
      whileRunning: (child) => void signalAfter(child, signal, out, before + 1 + random(60)),
    });
    expect(interrupted.err).toBe('');
    expect(interrupted.code).toBe(128 + constants.signals[signal]);
    expect(interrupted.out).toContain('finishing this step and saving');
    const stop = Number(/stopped after step (\d+); go on with: .* --resume/.exec(interrupted.out)?.[1]);
    expect(stop).toBeGreaterThan(before);
    stops.push(stop);
  }
  expect(await scratchformer(['train', '--out', out, '--resume'])).toMatchObject({ code: 0, err: '' });
  expect(await unbroken).toMatchObject({ code: 0, err: '' });
  expect(metricsText(out), `stops at ${stops}`).toBe(metricsText(join(folder, 'unbroken')));
  const checkpoint = (run: string) => readFileSync(join(folder, run, 'checkpoint.safetensors'));
  expect(checkpoint('broken').equals(checkpoint('unbroken')), `stops at ${stops}`).toBe(true);
});

/** `npm start` sends a signal on that the terminal has sent to everybody already: it arrives twice. */
test.skipIf(process.platform === 'win32')(
  'Ctrl-C in a terminal, which also npm sends on, saves',
  {
    timeout: 5 * MINUTES,
  },
  async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'run');
    const args = ['start', '--silent', '--', ...trainArgs(folder, 'run').slice(1)];
    const child = spawn('npm', args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (data) => {
      printed += data;
    });
    while (stepsDone(out) < 5 + random(50)) await setTimeout(1);
    process.kill(-child.pid!, 'SIGINT'); // the group, as a terminal does
    while (!printed.includes('stopped after step')) await setTimeout(10);
    const step = stepsDone(out);
    expect(printed).toContain(`stopped after step ${step};`);
    const { out: info } = await scratchformer(['info', '--checkpoint', out]);
    expect(info).toContain(`step ${step} of ${STEPS}`);
  },
);

test('signals that come together are one; a later one ends the process at once', async () => {
  const source = `
    import { onFirstInterrupt } from './src/cli/interrupts.ts';
    onFirstInterrupt((code) => console.log('stopping', code));
    setInterval(() => {}, 1000);
    console.log('ready');`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
    cwd: root,
  });
  let printed = '';
  child.stdout.on('data', (data) => {
    printed += data;
  });
  while (!printed.includes('ready')) await setTimeout(5);
  child.kill('SIGINT');
  child.kill('SIGTERM');
  while (!printed.includes('stopping')) await setTimeout(5);
  await setTimeout(1500);
  expect(child.exitCode ?? child.signalCode).toBeNull();
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(child.signalCode).toBe('SIGTERM');
  expect(printed).toMatch(/^ready\nstopping (130|143)\n$/); // the system may deliver the second first
});
