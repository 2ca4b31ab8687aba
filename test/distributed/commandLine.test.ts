/** The command line on ranks writes what one process writes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { metricsText, small } from '../support/cli.ts';
import { launchers, onRanks } from '../support/mpi.ts';
import { program } from '../support/program.ts';
import { suiteFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const data = join(folder, 'text.txt');
writeFileSync(data, 'Es klappert die Mühle am rauschenden Bach, klipp klapp.\n'.repeat(9));
const begin = [program, 'train'];
const size = [...small, '--backend', 'wasm', '--steps', '12', '--eval-every', '2'];

const written = (out: string) =>
  ['checkpoint.safetensors', 'best.safetensors', 'config.json'].map((name) =>
    existsSync(join(folder, out, name)) ? readFileSync(join(folder, out, name)).toString('latin1') : null,
  );

/** Runs with the same flags on one process, and on ranks, there perhaps with more flags. */
async function both(name: string, ranks: number, flags: readonly string[], ofRanks: readonly string[] = []) {
  const args = (out: string) => [...begin, '--data', data, '--out', join(folder, out), ...size, ...flags];
  const one = await onRanks(null, 1, args(`${name} of one`));
  const several = await onRanks(launchers[0]!, ranks, [...args(`${name} of several`), ...ofRanks]);
  expect(several.code, several.errors).toBe(one.code);
  expect(metricsText(join(folder, `${name} of several`))).toBe(metricsText(join(folder, `${name} of one`)));
  expect(written(`${name} of several`)).toEqual(written(`${name} of one`));
  return { one, several };
}

describe.skipIf(launchers.length === 0)('ranks write what one process does', () => {
  test('with averages, in shuffled order, with a sharded optimizer, and go on where it stopped', async () => {
    const flags = ['--accumulate', '4', '--ema', '0.9', '--order', 'shuffled', '--keep', '2', '--optimizer', 'muon']; // biome-ignore format: a command line
    const { several } = await both('whole', 3, flags, ['--shard-optimizer']);
    expect(several).toMatchObject({ code: 0, errors: '' });
    const goOn = (out: string, ...more: string[]) => [...begin, '--out', join(folder, out), '--resume', '--backend', 'wasm', '--steps', '15', '--from', 'last', '--clip', '0.1', ...more]; // biome-ignore format: a command line
    const sharded = goOn('whole of one', '--shard-optimizer');
    expect(await onRanks(launchers.at(-1)!, 2, sharded)).toMatchObject({ code: 0, errors: '' });
    expect(await onRanks(null, 1, goOn('whole of several'))).toMatchObject({ code: 0, errors: '' });
    expect(written('whole of one')).toEqual(written('whole of several'));
  });

  test('when it stops early', async () => {
    const flags = ['--accumulate', '3', '--lr', '1e-9', '--early-stop', '2'];
    const { several } = await both('early', 2, flags, ['--shard-optimizer']);
    expect(several.output).toContain('stopped early, after step 6: 2 evaluations without a better loss');
  });

  test('when steps are skipped, and one too many', async () => {
    const flags = ['--accumulate', '3', '--lr', '1e30', '--max-skipped', '3'];
    const { one, several } = await both('lost', 2, flags, ['--shard-optimizer']);
    expect(one.errors).toContain('after 3 skipped in a row');
    expect(several.errors).toContain(one.errors.trim());
    expect(several.errors.match(/error:/g)).toHaveLength(1);
  });
});
