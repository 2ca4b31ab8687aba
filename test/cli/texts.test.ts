/** The command line on people's own texts: other alphabets, no line breaks, blank lines, very long lines. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { rebuild } from '../../src/cli/build.ts';
import { stories } from '../../src/corpora/index.ts';
import { evaluateLoss, loadCheckpoint } from '../../src/train/index.ts';
import { scratchformer, small } from '../support/cli.ts';
import { suiteFolder, temporaryFolder } from '../support/temporaryFolder.ts';

function train(folder: string, text: string, ...more: string[]) {
  writeFileSync(join(folder, 'text.txt'), text);
  const args = [
    '--data',
    join(folder, 'text.txt'),
    '--out',
    join(folder, 'run'),
    '--steps',
    '60',
    ...small,
    ...more,
  ];
  return scratchformer(['train', ...args]);
}

/** The loss that the saved model really has on a text, in the tokens that it was trained on. */
async function trueLoss(out: string, text: string): Promise<string> {
  const { run, tokenizer } = await rebuild(await loadCheckpoint(join(out, 'checkpoint.safetensors')));
  const loss = evaluateLoss(run.model, tokenizer.encode(text), { context: 16, stride: 4, batchSize: 16 });
  return `loss ${loss.toFixed(4)} nats per character`;
}

describe('eval of a text with another alphabet than the one learned', () => {
  const folder = suiteFolder();
  const out = join(folder, 'run');
  // All characters of the stories and more, so that every one of these has another number here than there.
  const learned = `#$%&${stories({ stories: 300, seed: 3 }).text}`;

  beforeAll(async () => {
    expect((await train(folder, learned)).code).toBe(0);
  });

  test('another file', async () => {
    const other = `${'She sold it. He ate. '.repeat(30)}`;
    writeFileSync(join(folder, 'other.txt'), other);
    const { out: printed } = await scratchformer([
      'eval',
      '--checkpoint',
      out,
      '--data',
      join(folder, 'other.txt'),
    ]);
    expect(printed).toContain(await trueLoss(out, other));
    expect(printed).toContain(`on all ${other.length} characters of`);
  });

  test('the built-in stories', async () => {
    const { out: printed } = await scratchformer(['eval', '--checkpoint', out, '--data', 'stories']);
    const validation = stories({ stories: 400, seed: 'validation' }).text;
    expect(printed).toContain(await trueLoss(out, validation));
  });

  test('the text it was trained on, which has changed since', async () => {
    const changed = 'He ate plums. '.repeat(100);
    writeFileSync(join(folder, 'text.txt'), changed);
    const { out: printed } = await scratchformer(['eval', '--checkpoint', out]);
    expect(printed).toContain(await trueLoss(out, changed.slice(-140)));
    writeFileSync(join(folder, 'text.txt'), 'Größe. '.repeat(100));
    const { code, err } = await scratchformer(['eval', '--checkpoint', out]);
    expect(err).toBe(
      'error: data text.txt: the model knows every character of the text. got 2 that it has never seen: "ö" "ß". ' +
        'choose a text in the characters of the one that the model was trained on.\n',
    );
    expect(code).toBe(1);
  });
});

test('sample without a prompt begins with what the model knows when it knows no line break', async () => {
  const folder = temporaryFolder();
  expect((await train(folder, 'abcabcab'.repeat(20))).code).toBe(0);
  const { code, err, out } = await scratchformer([
    'sample',
    '--checkpoint',
    join(folder, 'run'),
    '--max-tokens',
    '20',
  ]);
  expect(err).toBe('');
  expect(code).toBe(0);
  expect(out).toMatch(/^a[abc]{20}\n$/);
});

test('samples of a text with blank lines go on after them', async () => {
  const { out } = await train(temporaryFolder(), `a word${'\n'.repeat(12)}`.repeat(60), '--steps', '200', '--lr', '0.01');
  const [, samples] = out.split('samples (temperature 0.5):');
  const shown = samples!.split('checkpoint:')[0]!.split('  ---');
  expect(shown).toHaveLength(5);
  for (const sample of shown) expect(sample).toMatch(/[aword]/);
}); // biome-ignore format: one line reads better

test('a text on one line may be longer than a JavaScript array', { timeout: 5 * 60_000 }, async () => {
  const folder = temporaryFolder();
  const longestArray = 2 ** 27;
  const { code, err } = await train(
    folder,
    'no line break anywhere. '.repeat(longestArray / 24 + 1),
    '--steps',
    '1',
  );
  expect(err).toBe('');
  expect(code).toBe(0);
});
