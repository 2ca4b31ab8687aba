/** What goes wrong around a run: readers that leave, disks that are full, settings that cannot work. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { LogFile } from '../../src/cli/logFile.ts';
import { train } from '../../src/cli/train.ts';
import { metricsText, readMetrics, scratchformer, small } from '../support/cli.ts';
import { program } from '../support/program.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const out = join(folder, 'run');

const trainArgs = (...more: string[]) => [
  'train', '--data', join(folder, 'text.txt'), '--out', out, '--steps', '40', ...small, ...more,
]; // biome-ignore format: a command line

beforeAll(async () => {
  writeFileSync(join(folder, 'text.txt'), 'A text that is long enough to learn a little from.\n'.repeat(30));
  expect((await scratchformer(trainArgs())).code).toBe(0);
});

/** In a shell, with the exit code of each command of the pipe as the last line. */
async function pipe(
  args: readonly string[],
  rest: string,
): Promise<{ printed: string; codes: string; err: string }> {
  const command = `"${process.execPath}" "${program}" "$@" ${rest}; printf '\\n%s' "\${PIPESTATUS[*]}"`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command, 'bash', ...args]);
  const end = stdout.lastIndexOf('\n');
  return { codes: stdout.slice(end + 1), printed: stdout.slice(0, end).trimEnd(), err: stderr };
}

describe.skipIf(process.platform === 'win32')('output that nobody reads any more', () => {
  test('ends info quietly', async () => {
    const { printed, codes, err } = await pipe(['info', '--checkpoint', out], '| head -n 1');
    expect(err).toBe('');
    expect(printed).toBe('step 40 of 40, 19 characters');
    expect(codes).toBe('0 0');
  });

  test('ends sample quietly, and soon', async () => {
    const endless = ['sample', '--checkpoint', out, '--max-tokens', '100000000'];
    const { codes, err } = await pipe(endless, '| head -c 20');
    expect(err).toBe('');
    expect(codes).toBe('0 0');
  });

  test('ends training after the step, and saves', async () => {
    const args = trainArgs('--steps', '1000000', '--out', join(folder, 'unread'));
    const { codes, err } = await pipe(args, '| head -n 3 > /dev/null');
    expect(err).toBe('');
    expect(codes).toBe('0 0');
    const { step } = readMetrics(join(folder, 'unread')).at(-1)!;
    const info = await scratchformer(['info', '--checkpoint', join(folder, 'unread')]);
    expect(info.out).toContain(`step ${step} of 1000000`);
  });
});

test.skipIf(process.platform !== 'linux')(
  'output that goes to a full disk ends a command with code 1',
  async () => {
    const { codes, err } = await pipe(['info', '--checkpoint', out], '> /dev/full');
    expect(err).toBe('');
    expect(codes).toBe('1');
  },
);

test.skipIf(process.platform !== 'linux')(
  'lines without room wait, which is said once, and come before later ones',
  () => {
    const [path, warnings] = [join(folder, 'lines.jsonl'), [] as string[]];
    const log = new LogFile(path, (text) => warnings.push(text));
    log.add({ step: 1, loss: Number.NaN });
    renameSync(path, `${path}.aside`);
    symlinkSync('/dev/full', path);
    log.add({ step: 2 });
    log.add({ step: 3 });
    expect(warnings).toEqual([
      `${path}: ENOSPC: no space left on device, write; its lines wait in memory until there is room`,
    ]);
    expect(() => log.flush()).toThrow(`metrics ${path}: the file can be written. got ENOSPC: `);
    rmSync(path);
    renameSync(`${path}.aside`, path);
    log.add({ step: 4, loss: Number.NEGATIVE_INFINITY });
    expect(readFileSync(path, 'utf8')).toBe(
      '{"step":1,"loss":"NaN"}\n{"step":2}\n{"step":3}\n{"step":4,"loss":"-Infinity"}\n',
    );
  },
);

test('a run that fails leaves no listeners behind', async () => {
  const count = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => process.listenerCount(signal));
  const [before, log] = [count(), vi.spyOn(console, 'log').mockImplementation(() => {})];
  const sizes = { layers: 1, heads: 1, width: 8, context: 8, batchSize: 2 };
  const run = train({
    out: join(folder, 'diverges'),
    data: join(folder, 'text.txt'),
    steps: 50,
    lr: 1e30,
    ...sizes,
  });
  await expect(run).rejects.toThrow(/finite/);
  log.mockRestore();
  expect(count()).toEqual(before);
});

test.each([
  ['clip', '0'],
  ['clip', '-1'],
  ['lr', 'Infinity'],
  ['weight-decay', '-1'],
  ['dropout', '1.5'],
  ['seed', '0.5'],
  ['heads', '5'],
  ['batch-size', '0'],
  ['eval-every', '0.5'],
  ['warmup', '-3'],
  ['init-std', '-1'],
])('--%s %s is refused before an earlier run is moved away', async (name, value) => {
  const before = [readdirSync(out), metricsText(out)];
  const { code, err } = await scratchformer(trainArgs(`--${name}`, value));
  expect(err).toMatch(/^error: .*got .*\n$/);
  expect(code).toBe(1);
  expect([readdirSync(out), metricsText(out)]).toEqual(before);
});

test('a longer run that goes on from the floor of the rate says how far it jumps', async () => {
  const floor = readMetrics(out).findLast(({ lr }) => lr !== undefined)!.lr!;
  const { out: printed } = await scratchformer(['train', '--out', out, '--resume', '--steps', '80']);
  const next = readMetrics(out).find(({ step, lr }) => step === 41 && lr !== undefined)!.lr!;
  expect(next).toBeGreaterThan(10 * floor);
  expect(printed).toContain(
    `the learning rate goes from ${floor.toExponential(1)} to ${next.toExponential(1)} ` +
      `(${(next / floor).toFixed(1)} times), because it now falls until step 80\n`,
  );
});

test('each validation loss says on how much of the text it is', async () => {
  writeFileSync(join(folder, 'long.txt'), 'A line of a text that is rather long.\n'.repeat(7000));
  const long = join(folder, 'long');
  const { out: printed } = await scratchformer(trainArgs('--data', join(folder, 'long.txt'), '--out', long));
  expect(printed).toMatch(
    /^step 40: validation loss \d\.\d{3}, \d\.\d{3} bits per byte \(on the first 4,096 of 26,600 characters\)$/m,
  );
  expect(printed).toMatch(
    /^validation loss \d\.\d{4} nats per character, \d\.\d{4} bits per byte, on the first 20,000 of 26,600 characters$/m,
  );
  const { out: evaluated } = await scratchformer(['eval', '--checkpoint', long]);
  expect(evaluated).toMatch(/on all 26,600 characters of .*long\.txt, validation part$/m);
});
