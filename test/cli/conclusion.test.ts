/** Runs that are killed while they conclude, and what is left behind in a folder. */
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { lockFolder, whileLocked } from '../../src/cli/lock.ts';
import { metricsText, scratchformer, small } from '../support/cli.ts';
import { suiteFolder, temporaryFolder } from '../support/temporaryFolder.ts';

const folder = suiteFolder();
const whole = join(folder, 'whole');

beforeAll(async () => {
  writeFileSync(
    join(folder, 'text.txt'),
    'der Mond ist aufgegangen, die goldnen Sternlein prangen\n'.repeat(9),
  );
  const args = ['--data', join(folder, 'text.txt'), '--steps', '9', '--eval-every', '4', ...small];
  expect(await scratchformer(['train', '--out', whole, ...args])).toMatchObject({ code: 0, err: '' });
});

test.each([
  ['before its first line', (text: string) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)],
  ['within a line', (text: string) => text.slice(0, -9)],
])('a run killed %s is concluded by --resume, once', async (_, cut) => {
  const out = temporaryFolder();
  for (const name of readdirSync(whole)) copyFileSync(join(whole, name), join(out, name));
  writeFileSync(join(out, 'metrics.jsonl'), cut(metricsText(whole)));
  const command = ['train', '--out', out, '--resume'];
  const { code, err, out: printed } = await scratchformer(command);
  expect([code, err]).toEqual([0, '']);
  expect(printed).toMatch(/^\nvalidation loss .*\n\nsamples/);
  for (const name of readdirSync(whole))
    expect(readFileSync(join(out, name)).equals(readFileSync(join(whole, name))), name).toBe(true);
  const again = await scratchformer(command);
  expect(again.err).toContain('the run has steps left of its 9. got a checkpoint of step 9.');
});

test('who holds a folder sweeps it; what others have left is not temporary', async () => {
  const out = temporaryFolder();
  const stale = ['.scratchformer-1.tmp', 'config.json.tmp'];
  for (const name of [...stale, 'mine.tmp']) writeFileSync(join(out, name), 'half');
  const other = await lockFolder(out);
  await expect(whileLocked(out, async () => {})).rejects.toThrow('one run at a time');
  expect(existsSync(join(out, stale[0]!))).toBe(true);
  other.release();
  await whileLocked(out, async () => expect(readdirSync(out)).toEqual(['.lock', 'mine.tmp']));
});
