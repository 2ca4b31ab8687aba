/** The command line on ranks writes what one process writes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { metricsText, small } from '../support/cli.ts';
import { launchers, onRanks } from '../support/mpi.ts';
import { root } from '../support/root.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const data = join(folder, 'text.txt');
writeFileSync(data, 'Es klappert die Mühle am rauschenden Bach, klipp klapp.\n'.repeat(9));
const program = [`${root}src/cli/scratchformer.js`, 'train'];
const size = [...small, '--backend', 'wasm', '--steps', '12', '--eval-every', '2'];

const written = (out: string) =>
  ['checkpoint.safetensors', 'best.safetensors', 'config.json'].map((name) =>
    existsSync(join(folder, out, name)) ? readFileSync(join(folder, out, name)).toString('latin1') : null,
  );

/** Runs with the same flags on one process, and on three ranks. */
async function both(name: string, ...flags: string[]) {
  const [launcher] = launchers;
  const args = (out: string) => [...program, '--data', data, '--out', join(folder, out), ...size, ...flags];
  const one = await onRanks(null, 1, args(`${name} of one`));
  const three = await onRanks(launcher!, 3, args(`${name} of three`));
  expect(three.code, three.errors).toBe(one.code);
  expect(metricsText(join(folder, `${name} of three`))).toBe(metricsText(join(folder, `${name} of one`)));
  expect(written(`${name} of three`)).toEqual(written(`${name} of one`));
  return { one, three };
}

describe.skipIf(launchers.length === 0)('three ranks write what one process does', () => {
  test('with averages, in shuffled order, and go on where it stopped', async () => {
    const flags = ['--accumulate', '4', '--ema', '0.9', '--order', 'shuffled', '--keep', '2'];
    const { three } = await both('whole', ...flags);
    expect(three).toMatchObject({ code: 0, errors: '' });
    const goOn = (out: string) => [...program, '--out', join(folder, out), '--resume', '--backend', 'wasm', '--steps', '15']; // biome-ignore format: a command line
    expect(await onRanks(launchers.at(-1)!, 2, goOn('whole of one'))).toMatchObject({ code: 0 });
    expect(await onRanks(null, 1, goOn('whole of three'))).toMatchObject({ code: 0 });
    expect(written('whole of one')).toEqual(written('whole of three'));
  });

  test('when it stops early', async () => {
    const { three } = await both('early', '--accumulate', '3', '--lr', '1e-9', '--early-stop', '2');
    expect(three.output).toContain('stopped early, after step 6: 2 evaluations without a better loss');
  });

  test('when steps are skipped, and one too many', async () => {
    const { one, three } = await both('lost', '--accumulate', '3', '--lr', '1e30', '--max-skipped', '3');
    expect(one.errors).toContain('after 3 skipped in a row');
    expect(three.errors).toContain(one.errors.trim());
    expect(three.errors.match(/error:/g)).toHaveLength(1);
  });
});

test.skipIf(launchers.length === 0)('each rank has a batch in a step, if nothing else is said', async () => {
  const out = join(folder, 'plain');
  const args = [...program, '--data', data, '--out', out, ...size];
  const { code, output, errors } = await onRanks(launchers[0]!, 2, args);
  expect(code, errors).toBe(0);
  expect(output).toContain('12 steps of 2 × 4 × 16 characters');
  const few = await onRanks(launchers[0]!, 2, [...args, '--accumulate', '1']);
  expect(few.code).toBe(1);
  expect(few.errors).toContain('a step has a batch for every rank. got 1 for 2 ranks.');
});
